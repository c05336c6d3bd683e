package dev.orrery.studio;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LoopbackGuardTest {

    @ParameterizedTest
    @ValueSource(strings = {"localhost", "localhost:7357", "127.0.0.1:7357", "[::1]:7357"})
    void namesOfThisMachineMayAsk(String host) {
        assertThatCode(() -> LoopbackGuard.check(Optional.of(host), Optional.empty()))
                .doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "evil.example",
                "localhost.evil.example:7357",
                "127.0.0.1.nip.io",
                "",
                "a b"
            })
    void otherNamesMayNot(String host) {
        assertThatThrownBy(() -> LoopbackGuard.check(Optional.of(host), Optional.empty()))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("answers only to localhost");
    }

    @Test
    void aRequestWithoutHostMayNot() {
        assertThatThrownBy(() -> LoopbackGuard.check(Optional.empty(), Optional.empty()))
                .isInstanceOf(Refusal.class);
    }

    @Test
    void pagesOfOtherSitesMayNot() {
        var host = Optional.of("localhost:7357");
        assertThatCode(() -> LoopbackGuard.check(host, Optional.of("http://localhost:7357")))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> LoopbackGuard.check(host, Optional.of("http://evil.example")))
                .hasMessageContaining("evil.example");
        assertThatThrownBy(() -> LoopbackGuard.check(host, Optional.of("http://localhost:9000")))
                .isInstanceOf(Refusal.class);
    }
}

package dev.orrery.verify;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;

/// Public and protected signatures name no JavaCPP type.
final class HidesNativeTypes extends ArchCondition<JavaClass> {

    HidesNativeTypes() {
        super("show no JavaCPP type in a public signature");
    }

    @Override
    public void check(JavaClass type, ConditionEvents events) {
        for (var unit : type.getCodeUnits()) {
            if (isVisible(unit) && isNative(unit)) {
                events.add(
                        SimpleConditionEvent.violated(
                                unit, unit.getFullName() + " shows a JavaCPP type"));
            }
        }
    }

    private static boolean isVisible(JavaCodeUnit unit) {
        return unit.getModifiers().contains(JavaModifier.PUBLIC)
                || unit.getModifiers().contains(JavaModifier.PROTECTED);
    }

    private static boolean isNative(JavaCodeUnit unit) {
        return isNative(unit.getRawReturnType())
                || unit.getRawParameterTypes().stream().anyMatch(HidesNativeTypes::isNative);
    }

    private static boolean isNative(JavaClass type) {
        return type.getPackageName().startsWith("org.bytedeco");
    }
}

/// Old and small worlds, for checking that an agent learns at all.
@org.jspecify.annotations.NullMarked
package dev.orrery.env.classic;

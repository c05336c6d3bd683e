/// The studio, used through its pages in a real Chromium. [Chromium] says where that comes from.
@org.jspecify.annotations.NullMarked
package dev.orrery.verify.browser;

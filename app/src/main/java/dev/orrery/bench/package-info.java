/// Speed and memory of the tensor engine, measured beside Python's PyTorch in the same sitting.
///
/// [dev.orrery.bench.EngineBench] runs the items in turn, one round in Java and one in Python, so
/// that whatever else the machine does falls on both. Python is optional: without it only our own
/// figures are given.
@NullMarked
package dev.orrery.bench;

import org.jspecify.annotations.NullMarked;

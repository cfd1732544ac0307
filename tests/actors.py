"""Who acts in tests that don't care who does."""

from banyang.foundation.actions import Program

A_TEST = Program("a test")

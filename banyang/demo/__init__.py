"""The demo office: the programme at its real scale, made by the factories, the same every time.

Dates are counted from the day it is made, so that there is always something due today. Every
person, organisation and number is made up; the communities are those of the reference data.
"""

"""A door for Axis body worn systems: their System Controller pushes recordings, we keep them.

It speaks the subset of OpenStack Swift that Axis publishes as its "Body worn integration API"
(github.com/AxisCommunications/body-worn-integration-api, README.md).  What is pushed lies in a
spool that stands at the dock like any card, so that behind the door everything goes the way of all
footage.
"""

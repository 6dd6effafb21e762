"""Cameras and phones that show their files by PTP or MTP: codec, session, and a card over them.

Only reading is spoken (:class:`station.ptp.codes.Operation`).  The bytes travel over whatever the
caller brings (:class:`station.ptp.session.Pipe`); on USB that is :mod:`station.usb.still`.
"""

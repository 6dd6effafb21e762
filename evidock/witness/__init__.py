"""A witness (C2SP tlog-witness), for a machine of the court, the ombudsman or the prosecutor.

``folder`` is where it lives, ``memory`` what it said yes to, ``misconduct`` what it keeps of logs
that showed two histories, ``witness`` the answer to one request, ``server`` its HTTP.

One rule: nothing here needs an archive, a station or any other part of Evidock but ``evidence``.
"""

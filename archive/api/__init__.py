"""The archive's HTTP door: one file a subject, each handler parses, asks the domain and answers.

``routes`` is the whole list; ``openapi`` prints it; ``door`` sees who asks and whether they may.
Every route asks ``evidence`` whether this subject may do this; no route decides for itself.
"""

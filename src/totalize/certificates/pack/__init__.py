"""The request pack: who must send what to whom by when, and the papers to send."""

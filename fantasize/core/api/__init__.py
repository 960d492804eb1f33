"""The web side of the kernel: base viewsets, serializers and everything HTTP that the apps share."""

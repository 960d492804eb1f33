"""How addresses of our own network can be spelt."""

PUBLIC = "93.184.215.14"
LOOPBACK = [
    *("127.0.0.1", "127.1", "127.0.1", "127.255.255.254", "2130706433", "0x7f000001", "0x7f.1", "0x7f.0x0.0x0.0x1"),
    *("0177.0.0.1", "0177.1", "017700000001", "00000177.0.0.1", "0x7F.0.0.01", "127.0.0.1.", "127.000.000.001"),
    *("0", "0.0.0.0", "0x0", "00", "000000000000", "0.0.0.0."),  # noqa: S104 - nothing is bound
    *(
        "localhost",
        "LOCALHOST",
        "LocalHost.",
        "localhost.localdomain",
        "foo.localhost",
        "ip6-localhost",
        "ip6-loopback",
    ),
    *("[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[0000::0001]", "[::0:1]", "[::127.0.0.1]", "[::7f00:1]"),
    *(
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[0:0:0:0:0:ffff:7f00:0001]",
        "[::FFFF:127.0.0.1]",
        "[::ffff:0:127.0.0.1]",
    ),
    *("[64:ff9b::127.0.0.1]", "[64:ff9b::7f00:1]", "[64:ff9b:1::7f00:1]", "[2002:7f00:1::]", "[2002:7f00:0001::1]"),
    *("[2001:0:7f00:1::]", "[2001:0000:4136:e378:8000:63bf:80ff:fffe]", "[fe80::1]", "[::1%25lo]", "[::1%lo]"),
    *("①②⑦.⓪.⓪.①", "127。0。0。1", "127．0．0．1", "ｌｏｃａｌｈｏｓｔ", "⑯⑨。②⑤④。⑯⑨｡②⑤④", "loc\u00adalhost"),
    *("%31%32%37.0.0.1", "127.0.0.1%00.example.com", "127.0.0.1%20", "localhost%2eexample"),
]
INTERNAL = [
    *("10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.254", "192.168.0.1", "192.168.1.254", "100.64.0.1"),
    *("169.254.169.254", "169.254.170.2", "0xa9fea9fe", "2852039166", "0251.0376.0251.0376", "169.16689662"),
    *("100.100.100.200", "168.63.129.16", "192.0.0.192", "192.88.99.1", "198.18.0.1", "192.0.2.1", "203.0.113.1"),
    *("224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255", "[fd00::1]", "[fc00::1]", "[fd00:ec2::254]"),
    *("[fec0::1]", "[ff02::1]", "[2001:db8::1]", "[::ffff:10.0.0.1]", "[::ffff:a9fe:a9fe]", "[64:ff9b::a9fe:a9fe]"),
    *("[2002:a9fe:a9fe::]", "[::a9fe:a9fe]", "[100::1]", "[::ffff:169.254.169.254]", "[2002:c0a8:1::]"),
]


def spelt(port: int) -> list[str]:
    """URLs that lead into our own network, in one way or another."""
    plain = [f"{scheme}://{host}:{port}/" for host in (*LOOPBACK, *INTERNAL) for scheme in ("https", "http")]
    standard = [f"https://{host}/" for host in (*LOOPBACK, *INTERNAL)]
    place = f"127.0.0.1:{port}"
    odd = [
        f"https://{PUBLIC}@{place}/",
        f"https://user:secret@{place}/",
        f"https://{place}#@{PUBLIC}/",
        f"https://{place}\\@{PUBLIC}/",
        f"https://{PUBLIC}\\@{place}/",
        f"https:\\\\{place}/",
        f"https:///{place}/",
        f"https:/{place}/",
        f"//{place}/",
        f"https://{PUBLIC}:443@{place}/",
        f" https://{place}/",
        f"https://{place}/\r\nHost: x",
        f"https://127.0.0.1\t:{port}/",
        f"https://127.0.0.1\n:{port}/",
        f"https://[::1]{PUBLIC}:{port}/",
        f"https://[::1:{port}/",
        f"https://{place}:{port}/",
        f"https://127.0.0.1:{port}443/",
        f"https://127.0.0.1:+{port}/",
        f"HTTP://{place}/",
        f"ftp://{place}/",
        f"gopher://{place}/_GET",
        f"file://{place}/etc/passwd",
        "file:///etc/passwd",
        f"dict://{place}/",
        f"unix://{place}/",
        f"jar:http://{place}!/",
        f"data:image/png;base64,{port}",
        f"javascript:{place}",
        place,
        "",
        "https://",
        "https://:443/",
        f"https://{'a' * 3000}/",
    ]
    return plain + standard + odd

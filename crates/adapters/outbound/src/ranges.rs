//! Which addresses are public.
//!
//! The blocks are those of IANA's registries of special-purpose addresses (RFC 6890), of multicast, and of what IPv6
//! unicast is assigned from. Whatever is reserved or not assigned is not public.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use kernel::outbound::AddressRange::{
    self, Benchmarking, Broadcast, Documentation, LinkLocal, Loopback, Metadata, Multicast, Private,
    Reserved, Shared, Translation, UniqueLocal, Unspecified,
};

/// Blocks that are not public: the first address, the length of the prefix, and what the block is for. The first that
/// holds an address counts. A few addresses of `192.0.0.0/24`, and of `2001::/23` below, are reached by everyone; they
/// serve other protocols than HTTP.
const V4: [(Ipv4Addr, u32, AddressRange); 19] = [
    (Ipv4Addr::new(169, 254, 169, 254), 32, Metadata),
    // Azure's, amid public addresses; it answers inside its network alone.
    (Ipv4Addr::new(168, 63, 129, 16), 32, Metadata),
    (Ipv4Addr::BROADCAST, 32, Broadcast),
    (Ipv4Addr::UNSPECIFIED, 8, Unspecified),
    (Ipv4Addr::new(10, 0, 0, 0), 8, Private),
    (Ipv4Addr::new(100, 64, 0, 0), 10, Shared),
    (Ipv4Addr::new(127, 0, 0, 0), 8, Loopback),
    (Ipv4Addr::new(169, 254, 0, 0), 16, LinkLocal),
    (Ipv4Addr::new(172, 16, 0, 0), 12, Private),
    (Ipv4Addr::new(192, 0, 0, 0), 24, Reserved),
    (Ipv4Addr::new(192, 0, 2, 0), 24, Documentation),
    // The relays of 6to4, deprecated (RFC 7526).
    (Ipv4Addr::new(192, 88, 99, 0), 24, Translation),
    (Ipv4Addr::new(192, 168, 0, 0), 16, Private),
    (Ipv4Addr::new(198, 18, 0, 0), 15, Benchmarking),
    (Ipv4Addr::new(198, 51, 100, 0), 24, Documentation),
    (Ipv4Addr::new(203, 0, 113, 0), 24, Documentation),
    (Ipv4Addr::new(233, 252, 0, 0), 24, Documentation),
    (Ipv4Addr::new(224, 0, 0, 0), 4, Multicast),
    (Ipv4Addr::new(240, 0, 0, 0), 4, Reserved),
];

const fn v6(first: u16, second: u16, third: u16) -> Ipv6Addr {
    Ipv6Addr::new(first, second, third, 0, 0, 0, 0, 0)
}

/// The same in IPv6. Addresses that stand for an IPv4 address behind a tunnel (6to4, Teredo), in a form nobody uses any
/// more (IPv4-compatible), or behind a gateway of the local network (RFC 8215) are refused whatever they stand for: no
/// host is reached there by everyone, and where the last hold their IPv4 address is the local network's choice.
const V6: [(Ipv6Addr, u32, AddressRange); 14] = [
    (Ipv6Addr::UNSPECIFIED, 128, Unspecified),
    (Ipv6Addr::LOCALHOST, 128, Loopback),
    (v6(0, 0, 0), 96, Translation),
    (v6(0x64, 0xff9b, 1), 48, Translation),
    (v6(0x2001, 0, 0), 32, Translation),
    (v6(0x2001, 2, 0), 48, Benchmarking),
    (v6(0x2001, 0, 0), 23, Reserved),
    (v6(0x2001, 0xdb8, 0), 32, Documentation),
    (v6(0x2002, 0, 0), 16, Translation),
    (v6(0x3fff, 0, 0), 20, Documentation),
    (Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254), 128, Metadata),
    (v6(0xfc00, 0, 0), 7, UniqueLocal),
    (v6(0xfe80, 0, 0), 10, LinkLocal),
    (v6(0xff00, 0, 0), 8, Multicast),
];

/// What the address is for, unless it is public. An IPv6 address that stands for an IPv4 address on the same network
/// (IPv4-mapped) or behind the gateway to all of IPv4 (`64:ff9b::/96`, RFC 6052) is for what that one is.
pub(crate) fn range_of(address: IpAddr) -> Option<AddressRange> {
    match address {
        IpAddr::V4(address) => of_v4(address),
        IpAddr::V6(address) => match address.segments() {
            [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
                of_v4(Ipv4Addr::from(u32::from(high) << 16 | u32::from(low)))
            }
            _ => of_v6(address),
        },
    }
}

fn of_v4(address: Ipv4Addr) -> Option<AddressRange> {
    let holds = |(block, length, _): &&(Ipv4Addr, u32, _)| {
        u32::from(*block) >> (32 - length) == u32::from(address) >> (32 - length)
    };
    V4.iter().find(holds).map(|(_, _, range)| *range)
}

fn of_v6(address: Ipv6Addr) -> Option<AddressRange> {
    let holds = |(block, length, _): &&(Ipv6Addr, u32, _)| {
        u128::from(*block) >> (128 - length) == u128::from(address) >> (128 - length)
    };
    // Unicast is assigned from 2000::/3 alone.
    let is_assigned = address.segments()[0] >> 13 == 1;
    V6.iter().find(holds).map(|(_, _, range)| *range).or((!is_assigned).then_some(Reserved))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// First and last address of each block that is not public, and what it is for. From the IANA IPv4 and IPv6
    /// Special-Purpose Address Registries (RFC 6890 and what amends it), every block whose "Globally Reachable" is not
    /// "True"; the Multicast Address Space registries (RFC 5771, RFC 4291), the IPv6 Address Space registry (unicast is
    /// assigned from `2000::/3`), and what clouds say of their metadata services.
    const NOT_PUBLIC: [(&str, &str, AddressRange); 56] = [
        ("0.0.0.0", "0.255.255.255", Unspecified),        // RFC 791
        ("10.0.0.0", "10.255.255.255", Private),          // RFC 1918
        ("100.64.0.0", "100.127.255.255", Shared),        // RFC 6598; Alibaba's metadata at 100.100.100.200
        ("127.0.0.0", "127.255.255.255", Loopback),       // RFC 1122
        ("168.63.129.16", "168.63.129.16", Metadata),     // Azure
        ("169.254.0.0", "169.254.169.253", LinkLocal),    // RFC 3927
        ("169.254.169.254", "169.254.169.254", Metadata), // AWS, Azure, Google and others
        ("169.254.169.255", "169.254.255.255", LinkLocal),
        ("172.16.0.0", "172.31.255.255", Private),         // RFC 1918
        ("192.0.0.0", "192.0.0.255", Reserved),            // RFC 6890; Oracle's metadata at 192.0.0.192
        ("192.0.2.0", "192.0.2.255", Documentation),       // RFC 5737
        ("192.88.99.0", "192.88.99.255", Translation),     // RFC 7526
        ("192.168.0.0", "192.168.255.255", Private),       // RFC 1918
        ("198.18.0.0", "198.19.255.255", Benchmarking),    // RFC 2544
        ("198.51.100.0", "198.51.100.255", Documentation), // RFC 5737
        ("203.0.113.0", "203.0.113.255", Documentation),   // RFC 5737
        ("224.0.0.0", "233.251.255.255", Multicast),       // RFC 5771
        ("233.252.0.0", "233.252.0.255", Documentation),   // RFC 6676
        ("233.252.1.0", "239.255.255.255", Multicast),     // RFC 5771
        ("240.0.0.0", "255.255.255.254", Reserved),        // RFC 1112
        ("255.255.255.255", "255.255.255.255", Broadcast), // RFC 919
        ("::", "::", Unspecified),                         // RFC 4291
        ("::1", "::1", Loopback),                          // RFC 4291
        ("::2", "::ffff:ffff", Translation),               // RFC 4291, IPv4-compatible
        ("::8.8.8.8", "::127.0.0.1", Translation),
        ("::1:0:0:0", "::fffe:ffff:ffff", Reserved),
        ("::ffff:0.0.0.0", "::ffff:0.255.255.255", Unspecified), // RFC 4291, IPv4-mapped
        ("::ffff:10.0.0.0", "::ffff:10.255.255.255", Private),
        ("::ffff:127.0.0.1", "::ffff:7f00:1", Loopback),
        ("::ffff:169.254.169.254", "::ffff:a9fe:a9fe", Metadata),
        ("::1:0:0:0:0", "64:ff9a:ffff:ffff:ffff:ffff:ffff:ffff", Reserved),
        ("64:ff9b::10.0.0.0", "64:ff9b::10.255.255.255", Private), // RFC 6052
        ("64:ff9b::127.0.0.0", "64:ff9b::127.255.255.255", Loopback),
        ("64:ff9b::169.254.169.254", "64:ff9b::169.254.169.254", Metadata),
        ("64:ff9b::1:0:0", "64:ff9b:0:ffff:ffff:ffff:ffff:ffff", Reserved),
        ("64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff", Translation), // RFC 8215
        ("64:ff9b:1::8.8.8.8", "64:ff9b:1:a00:0:100::", Translation),
        ("64:ff9b:2::", "ff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", Reserved),
        ("100::", "100::ffff:ffff:ffff:ffff", Reserved), // RFC 6666
        ("100:0:0:1::", "100:0:0:1:ffff:ffff:ffff:ffff", Reserved), // RFC 9780
        ("101::", "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", Reserved),
        ("2001::", "2001:0:ffff:ffff:ffff:ffff:ffff:ffff", Translation), // RFC 4380, Teredo
        ("2001:1::", "2001:1:ffff:ffff:ffff:ffff:ffff:ffff", Reserved),  // RFC 2928
        ("2001:2::", "2001:2:0:ffff:ffff:ffff:ffff:ffff", Benchmarking), // RFC 5180
        ("2001:10::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", Reserved), // RFC 4843, RFC 7343, RFC 9374
        ("2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", Documentation), // RFC 3849
        ("2002::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff", Translation), // RFC 3056, 6to4
        ("2002:a00:1::", "2002:808:808::", Translation),
        ("3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", Documentation), // RFC 9637
        ("4000::", "5eff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", Reserved),
        ("5f00::", "5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff", Reserved), // RFC 9602
        ("fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", UniqueLocal), // RFC 4193
        ("fd00:ec2::254", "fd00:ec2::254", Metadata),                    // AWS
        ("fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", LinkLocal), // RFC 4291
        ("fec0::", "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", Reserved), // RFC 3879
        ("ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", Multicast), // RFC 4291
    ];

    /// The neighbours of those blocks, and blocks that are special and reached by everyone all the same.
    const PUBLIC: [&str; 35] = [
        "1.0.0.0",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.0",
        "168.63.129.15",
        "169.253.255.255",
        "169.255.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "191.255.255.255",
        "192.0.1.0",
        "192.0.3.0",
        "192.31.196.1", // RFC 7535, AS112
        "192.52.193.1", // RFC 7450, AMT
        "192.167.255.255",
        "192.169.0.0",
        "192.175.48.1", // RFC 7534, AS112
        "198.17.255.255",
        "198.20.0.0",
        "198.51.101.0",
        "203.0.112.255",
        "223.255.255.255",
        "::ffff:8.8.8.8",
        "64:ff9b::8.8.8.8",
        "2000::",
        "2001:200::",
        "2001:db7:ffff::",
        "2001:db9::",
        "2003::",
        "2620:4f:8000::1", // RFC 7534, AS112
        "3ffe:ffff::",
        "3fff:1000::",
    ];

    fn range(address: &str) -> Option<AddressRange> {
        range_of(address.parse().unwrap())
    }

    #[test]
    fn a_block_that_is_not_public_is_refused_from_its_first_to_its_last_address() {
        for (first, last, of) in NOT_PUBLIC {
            assert_eq!(range(first), Some(of), "{first}");
            assert_eq!(range(last), Some(of), "{last}");
        }
    }

    #[test]
    fn the_addresses_between_are_public() {
        for address in PUBLIC {
            assert_eq!(range(address), None, "{address}");
        }
    }

    #[test]
    fn every_range_has_a_block() {
        for range in AddressRange::ALL {
            assert!(NOT_PUBLIC.iter().any(|(_, _, of)| *of == range), "{range:?}");
        }
    }
}

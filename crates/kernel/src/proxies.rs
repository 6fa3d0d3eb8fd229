//! From where a request comes that a proxy passed on.
//!
//! What a header says is believed as far as it was written by proxies of ours, and no further: everything
//! left of that anybody may have written.

use std::{fmt, net::IpAddr, str::FromStr};

use serde::{Deserialize, Deserializer, de::Error};

/// The proxies in front of a server. None unless told: then headers are nobody's business.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Proxies {
    /// Their addresses.
    pub trusted: Vec<Network>,
    /// Where they write from where they were asked. The other header is ignored: a proxy that does not
    /// write it may pass on what a caller wrote.
    pub header: ForwardedHeader,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ForwardedHeader {
    /// `X-Forwarded-For: client, proxy`.
    #[default]
    XForwardedFor,
    /// `Forwarded: for=client, for=proxy`, RFC 7239.
    Forwarded,
}

impl ForwardedHeader {
    /// The name of the header, in small letters.
    pub const fn name(self) -> &'static str {
        match self {
            Self::XForwardedFor => "x-forwarded-for",
            Self::Forwarded => "forwarded",
        }
    }

    /// The address that one element names; `None` where it names none, or hides it.
    fn address(self, element: &str) -> Option<IpAddr> {
        let node = match self {
            Self::XForwardedFor => element,
            Self::Forwarded => {
                let mut pairs = element.split(';').filter_map(|pair| pair.split_once('='));
                pairs.find(|(name, _)| name.trim().eq_ignore_ascii_case("for"))?.1
            }
        };
        node_address(node.trim().trim_matches('"'))
    }
}

impl Proxies {
    /// From where a request comes: `peer` is at the other end of the connection, `values` are those of the
    /// header, in order.
    pub fn caller<'a>(&self, peer: IpAddr, values: impl IntoIterator<Item = &'a str>) -> IpAddr {
        let is_ours = |address: IpAddr| self.trusted.iter().any(|network| network.contains(address));
        let mut caller = peer.to_canonical();
        let elements: Vec<&str> = values.into_iter().flat_map(|value| value.split(',')).collect();
        // Each proxy adds on the right who asked it.
        for element in elements.into_iter().rev() {
            if !is_ours(caller) {
                break;
            }
            let Some(address) = self.header.address(element) else { break };
            caller = address;
        }
        caller
    }
}

/// An address, which may have a port: `192.0.2.1`, `192.0.2.1:80`, `[2001:db8::1]:80`, `2001:db8::1`.
fn node_address(node: &str) -> Option<IpAddr> {
    let address = match node.strip_prefix('[') {
        Some(rest) => rest.split_once(']')?.0,
        None => match node.split_once(':') {
            Some((address, port)) if !port.contains(':') => address,
            _ => node,
        },
    };
    address.parse::<IpAddr>().ok().map(|address| address.to_canonical())
}

/// The addresses that share their first bits: `10.0.0.0/8`, or one address alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    bits: u8,
}

impl Network {
    pub fn contains(self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(ours), IpAddr::V4(theirs)) => {
                same(ours.to_bits().into(), theirs.to_bits().into(), 32 - u32::from(self.bits))
            }
            (IpAddr::V6(ours), IpAddr::V6(theirs)) => {
                same(ours.to_bits(), theirs.to_bits(), 128 - u32::from(self.bits))
            }
            _ => false,
        }
    }
}

/// Whether two numbers differ only in their last bits.
fn same(ours: u128, theirs: u128, last: u32) -> bool {
    (ours ^ theirs).checked_shr(last).unwrap_or(0) == 0
}

#[derive(Debug, thiserror::Error)]
#[error("`{0}` is neither an address nor a network such as 10.0.0.0/8")]
pub struct NoNetwork(String);

impl FromStr for Network {
    type Err = NoNetwork;

    fn from_str(text: &str) -> Result<Self, NoNetwork> {
        let none = || NoNetwork(text.to_owned());
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits.parse::<u8>().map_err(|_| none())?)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| none())?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.unwrap_or(most);
        if bits > most { Err(none()) } else { Ok(Self { address, bits }) }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.bits)
    }
}

impl<'de> Deserialize<'de> for Network {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn proxies(header: ForwardedHeader) -> Proxies {
        let trusted = ["10.0.0.0/8", "2001:db8:1::/48", "192.0.2.7"];
        Proxies { trusted: trusted.map(|network| network.parse().unwrap()).into(), header }
    }

    fn caller(proxies: &Proxies, peer: &str, values: &[&str]) -> String {
        proxies.caller(peer.parse().unwrap(), values.iter().copied()).to_string()
    }

    #[test]
    fn a_header_is_believed_as_far_as_our_proxies_wrote_it() {
        let ours = proxies(ForwardedHeader::XForwardedFor);
        for (peer, values, expected) in [
            // Straight to us: whoever that is may write what they like.
            ("203.0.113.9", &["198.51.100.1"][..], "203.0.113.9"),
            ("203.0.113.9", &[], "203.0.113.9"),
            // By one proxy, by two, by one with an address as mapped.
            ("10.1.2.3", &["198.51.100.1"], "198.51.100.1"),
            ("10.1.2.3", &["198.51.100.1, 192.0.2.7"], "198.51.100.1"),
            ("::ffff:10.1.2.3", &["198.51.100.1", "192.0.2.7"], "198.51.100.1"),
            ("2001:db8:1::5", &["2001:db8:2::9"], "2001:db8:2::9"),
            // What the caller wrote before is on the left.
            ("10.1.2.3", &["127.0.0.1, 10.9.9.9, 198.51.100.1"], "198.51.100.1"),
            ("10.1.2.3", &["127.0.0.1", "198.51.100.1, 192.0.2.7"], "198.51.100.1"),
            // Where nothing can be read, nothing further to the left is believed.
            ("10.1.2.3", &["198.51.100.1, nonsense"], "10.1.2.3"),
            ("10.1.2.3", &["198.51.100.1, unknown, 192.0.2.7"], "192.0.2.7"),
            ("10.1.2.3", &[""], "10.1.2.3"),
            ("10.1.2.3", &["198.51.100.1:4711"], "198.51.100.1"),
            ("10.1.2.3", &["[2001:db8:2::9]:4711"], "2001:db8:2::9"),
            // From a proxy itself.
            ("10.1.2.3", &["10.0.0.1"], "10.0.0.1"),
        ] {
            assert_eq!(caller(&ours, peer, values), expected, "{peer} {values:?}");
        }
        assert_eq!(caller(&Proxies::default(), "10.1.2.3", &["198.51.100.1"]), "10.1.2.3");
    }

    #[test]
    fn the_header_of_rfc_7239_is_read() {
        let ours = proxies(ForwardedHeader::Forwarded);
        for (value, expected) in [
            ("for=198.51.100.1", "198.51.100.1"),
            ("For=\"[2001:db8:2::9]:4711\";proto=https;by=10.0.0.1", "2001:db8:2::9"),
            ("for=127.0.0.1, for=198.51.100.1;host=x", "198.51.100.1"),
            ("proto=https;for=198.51.100.1, for=192.0.2.7", "198.51.100.1"),
            ("for=_hidden, for=192.0.2.7", "192.0.2.7"),
            ("for=unknown", "10.1.2.3"),
            ("proto=https", "10.1.2.3"),
        ] {
            assert_eq!(caller(&ours, "10.1.2.3", &[value]), expected, "{value}");
        }
    }

    #[test]
    fn networks_are_written_as_usual() {
        let network = |text: &str| text.parse::<Network>().map(|network| network.to_string()).ok();
        assert_eq!(network("10.0.0.0/8").as_deref(), Some("10.0.0.0/8"));
        assert_eq!(network("::1").as_deref(), Some("::1/128"));
        for wrong in ["", "10.0.0.0/33", "::/129", "10.0.0/8", "10.0.0.0/", "localhost", "10.0.0.0/-1"] {
            assert_eq!(network(wrong), None, "{wrong}");
        }
        let holds = |network: &str, address: &str| {
            network.parse::<Network>().unwrap().contains(address.parse().unwrap())
        };
        assert!(holds("0.0.0.0/0", "203.0.113.9") && !holds("0.0.0.0/0", "::1") && holds("::/0", "::1"));
        assert!(holds("10.0.0.0/9", "10.127.0.1") && !holds("10.0.0.0/9", "10.128.0.1"));
    }

    proptest! {
        /// Whoever asks us without a proxy is who they are, whatever they write.
        #[test]
        fn nobody_outside_speaks_for_others(peer: u32, value in ".{0,80}") {
            let peer = IpAddr::V4(peer.into());
            let ours = proxies(ForwardedHeader::XForwardedFor);
            prop_assume!(!ours.trusted.iter().any(|network| network.contains(peer)));
            prop_assert_eq!(ours.caller(peer, [value.as_str()]), peer);
        }
    }
}

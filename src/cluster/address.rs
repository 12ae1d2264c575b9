//! The name of a graph on a cluster: `spark://HOST:PORT/LAKE;token=…;use_ssl=true`.

use std::fmt::{self, Display, Formatter};
use std::path::PathBuf;

/// What such a name begins with.
pub const SCHEME: &str = "spark://";
/// The port of Spark Connect.
const PORT: u16 = 15002;

/// Where a server listens and where the lake lies. Displayed without its parameters, since these may be credentials.
#[derive(Clone, PartialEq, Eq)]
pub struct Address {
    pub host: String,
    pub port: u16,
    /// The path of the lake, which begat and the server both see.
    pub lake: PathBuf,
    /// `key=value`, with the names of Spark Connect's connection strings.
    parameters: Vec<String>,
}

impl Address {
    /// Parses a name.
    ///
    /// # Errors
    /// A sentence that says what is wrong, without the parameters.
    pub fn parse(name: &str) -> Result<Address, String> {
        let form = "a graph on a cluster is named `spark://HOST:PORT/LAKE`";
        let rest = name.strip_prefix(SCHEME).ok_or(form)?;
        let (place, parameters) = rest.split_once(';').unwrap_or((rest, ""));
        let (server, path) = place.split_once('/').ok_or(format!("{form}; no lake is named"))?;
        if path.is_empty() {
            return Err(format!("{form}; no lake is named"));
        }
        // An address of IPv6 stands in brackets and has colons itself.
        let (host, port) = match server.rsplit_once(':').filter(|(_, port)| !port.ends_with(']')) {
            Some((host, port)) => (host, port.parse().map_err(|_| format!("`{port}` is no port"))?),
            None => (server, PORT),
        };
        if host.is_empty() {
            return Err(format!("{form}; no host is named"));
        }
        let parameters: Vec<String> = parameters.split(';').filter(|one| !one.is_empty()).map(String::from).collect();
        if let Some(i) = parameters.iter().position(|one| one.split('=').count() != 2) {
            return Err(format!("parameter {} of the graph's name is not of the form `key=value`", i + 1));
        }
        Ok(Address { host: host.to_string(), port, lake: PathBuf::from(format!("/{}", unquoted(path))), parameters })
    }

    /// Returns the connection string for a client of Spark Connect. Not to be shown.
    pub fn connection(&self) -> String {
        let agent = (!self.parameters.iter().any(|one| one.starts_with("user_agent=")))
            .then(|| format!("user_agent=begat/{}", env!("CARGO_PKG_VERSION")));
        let parameters: Vec<&str> = self.parameters.iter().chain(&agent).map(String::as_str).collect();
        // The parameters begin at the last slash.
        format!("sc://{}:{}/;{}", self.host, self.port, parameters.join(";").replace('/', "%2F"))
    }

    /// Returns a text of others without the values of the parameters.
    pub fn redacted(&self, text: &str) -> String {
        let values = self.parameters.iter().filter_map(|one| one.split_once('=')).map(|(_, value)| value);
        // Short values, as `true`, are words of any text and no secret.
        values
            .filter(|value| value.len() > 5)
            .fold(text.to_string(), |text, value| text.replace(value, "…").replace(&unquoted(value), "…"))
    }
}

impl Display for Address {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{SCHEME}{}:{}{}", self.host, self.port, self.lake.display())
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Display::fmt(self, f)
    }
}

/// Returns a text with its `%3B` and the like as characters.
fn unquoted(text: &str) -> String {
    let (mut bytes, mut rest) = (Vec::new(), text.as_bytes());
    while let Some((first, behind)) = rest.split_first() {
        let code = behind.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        match code.filter(|_| *first == b'%').and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &behind[2..];
            }
            None => {
                bytes.push(*first);
                rest = behind;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::Address;
    use std::path::Path;

    #[test]
    fn names_have_a_server_a_lake_and_parameters() {
        let address = Address::parse("spark://host:1234/data/my%3Blake;use_ssl=true;token=s3cr3t%2B!").expect("a name");
        assert_eq!((address.host.as_str(), address.port), ("host", 1234));
        assert_eq!(address.lake, Path::new("/data/my;lake"));
        assert!(address.connection().starts_with("sc://host:1234/;use_ssl=true;token=s3cr3t%2B!;user_agent=begat%2F"));
        assert_eq!(Address::parse("spark://host/lake").expect("a name").port, 15002);
        assert_eq!(Address::parse("spark://[::1]/lake").expect("a name").host, "[::1]");
        assert_eq!(Address::parse("spark://[::1]:7/lake").expect("a name").port, 7);
    }

    #[test]
    fn credentials_are_never_shown() {
        let address = Address::parse("spark://host/lake;token=s3cr3t%2B").expect("a name");
        assert_eq!(format!("{address} {address:?}"), "spark://host:15002/lake spark://host:15002/lake");
        assert_eq!(address.redacted("no `s3cr3t%2B` and no s3cr3t+"), "no `…` and no …");
        for wrong in ["spark://host/lake;s3cr3t", "spark://host/lake;token=s3cr3t=s3cr3t", "spark://;token=s3cr3t"] {
            assert!(!Address::parse(wrong).expect_err("it is wrong").contains("s3cr3t"), "{wrong}");
        }
    }

    #[test]
    fn what_is_missing_is_said() {
        for (name, said) in [
            ("spark://host", "no lake is named"),
            ("spark://host/", "no lake is named"),
            ("spark:///lake", "no host is named"),
            ("spark://host:port/lake", "`port` is no port"),
        ] {
            assert!(Address::parse(name).expect_err(name).contains(said), "{name}");
        }
    }
}

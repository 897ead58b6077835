//! Servers of descriptions that came from a URL: what a description leaves out, its own address says (OpenAPI 3.2, 4.5.2;
//! Swagger 2.0, `host` and `schemes`).

use oasgate_spec::{Documents, Options, ReadError, load};
use url::Url;

use crate::support::files;

/// A description of `specs/odd/`, as if it had been fetched.
struct Fetched {
    uri: Url,
    file: &'static str,
}

impl Documents for Fetched {
    fn entry(&self) -> Url {
        self.uri.clone()
    }

    fn read(&self, _: &Url) -> Result<Vec<u8>, ReadError> {
        let path = files::specs().join("odd").join(self.file);
        std::fs::read(path).map_err(|error| ReadError(error.to_string()))
    }
}

/// The file, where it came from, and the server of each operation.
const ROWS: &[(&str, &str, &[&str])] = &[
    (
        "swagger-without-host.yaml",
        "http://api.example:8080/docs/swagger.yaml",
        &["http://api.example:8080/v2", "https://api.example:8080/v2"],
    ),
    (
        "swagger-without-host.yaml",
        "https://api.example/docs/swagger.yaml?raw=1",
        &["https://api.example/v2", "https://api.example/v2"],
    ),
    ("server-missing.yaml", "https://api.example/docs/v3/openapi.yaml", &["https://api.example/"]),
    (
        "server-relative.yaml",
        "https://api.example/docs/v3/openapi.yaml",
        &[
            "https://api.example/docs/v3/v1",
            "https://api.example/docs/v3/v1/",
            "https://api.example/docs/v1",
            "https://api.example/{version}/",
            "https://other.example/v1",
            "https://api.example/",
        ],
    ),
];

#[test]
fn servers_are_those_of_where_a_description_came_from() {
    for (file, uri, expected) in ROWS {
        let (api, problems) = load(&Fetched { uri: Url::parse(uri).unwrap(), file }, &Options::default());
        let first = |servers: &[oasgate_spec::Server]| servers.first().map(|server| server.url.clone());
        let servers: Vec<String> = api
            .operations
            .iter()
            .map(|operation| first(&operation.servers).or_else(|| first(&api.servers)).unwrap_or_default())
            .collect();
        assert_eq!(servers, *expected, "{file} from {uri}: {problems:?}");
    }
}

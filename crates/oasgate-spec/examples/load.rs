//! Loads descriptions and prints what was read, for a look at it while developing.
use oasgate_spec::*;
struct Files(url::Url);
impl Documents for Files {
    fn entry(&self) -> url::Url {
        self.0.clone()
    }
    fn read(&self, uri: &url::Url) -> Result<Vec<u8>, ReadError> {
        if uri.scheme() != "file" {
            return Err(ReadError("remote".into()));
        }
        std::fs::read(uri.to_file_path().unwrap()).map_err(|e| ReadError(e.to_string()))
    }
}
fn main() {
    for path in std::env::args().skip(1) {
        let start = std::time::Instant::now();
        let files = Files(url::Url::from_file_path(std::fs::canonicalize(&path).unwrap()).unwrap());
        let (api, mut problems) = load(&files, &Options::default());
        let t = start.elapsed();
        locate(&mut problems, &files);
        println!(
            "{path}: {:?} {} operations, {} definitions, {} problems, {t:?}",
            api.dialect,
            api.operations.len(),
            api.definitions.0.len(),
            problems.len()
        );
        for p in problems.iter().take(std::env::var("N").map_or(3, |n| n.parse().unwrap())) {
            println!("    {p}");
        }
    }
}

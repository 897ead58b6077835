use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Request, Response};

use super::Reach;
use crate::settings::Cimd;
use crate::{Fetch, FetchError, FetchLimits, Fetching};

/// A web of which every host answers by the first of these that is left; the last stays.
#[derive(Debug)]
struct Web(Mutex<Vec<Result<u16, FetchError>>>, Mutex<Vec<String>>);

impl Fetch for Web {
    fn fetch(&self, request: Request<Bytes>, _: FetchLimits) -> Fetching<'_> {
        self.1.lock().unwrap().push(request.uri().to_string());
        let mut left = self.0.lock().unwrap();
        let next = if left.len() > 1 { left.remove(0) } else { left[0].clone() };
        let answer = next.map(|status| Response::builder().status(status).body(Bytes::new()).unwrap());
        Box::pin(std::future::ready(answer))
    }
}

fn hosts(hosts: &[&str]) -> Cimd {
    let hosts = hosts.iter().map(|&host| host.to_owned()).collect();
    Cimd::Allowlist { hosts, pinned: BTreeMap::new() }
}

fn failed() -> Result<u16, FetchError> {
    Err(FetchError::Failed("h".to_owned()))
}

#[tokio::test]
async fn the_web_is_there_when_any_host_answers_anything() {
    let refused = Err(FetchError::Refused("h".to_owned()));
    let large = Err(FetchError::TooLarge("h".to_owned()));
    let open = Cimd::Open { pinned: BTreeMap::new() };
    let rows = [
        (hosts(&["a.example"]), vec![Ok(200)], true, 1),
        (hosts(&["a.example"]), vec![Ok(503)], true, 1),
        (hosts(&["a.example"]), vec![large], true, 1),
        (hosts(&["a.example", "b.example"]), vec![failed(), Ok(404)], true, 2),
        (hosts(&["a.example", "b.example"]), vec![failed()], false, 2),
        (hosts(&["a.example"]), vec![refused], false, 1),
        (open.clone(), vec![Ok(200)], true, 1),
        (open, vec![failed()], false, 2),
    ];
    for (rules, answers, expected, asked) in rows {
        let web = Arc::new(Web(Mutex::new(answers.clone()), Mutex::default()));
        let reach = Reach::new(&rules, &(Arc::clone(&web) as Arc<dyn Fetch>));
        assert!(!reach.is_there(), "nobody has looked");
        reach.look().await;
        assert_eq!(reach.is_there(), expected, "{rules:?} {answers:?}");
        let urls = web.1.lock().unwrap().clone();
        assert_eq!(urls.len(), asked);
        assert!(urls.iter().all(|url| url.starts_with("https://") && url.ends_with("/robots.txt")));
    }
}

#[tokio::test]
async fn the_web_goes_and_comes_back() {
    let answers = vec![Ok(200), failed(), Ok(200)];
    let web: Arc<dyn Fetch> = Arc::new(Web(Mutex::new(answers), Mutex::default()));
    let reach = Reach::new(&hosts(&["a.example"]), &web);
    for expected in [true, false, true] {
        reach.look().await;
        assert_eq!(reach.is_there(), expected);
    }
}

#[tokio::test]
async fn where_nothing_is_fetched_nobody_is_asked() {
    let pinned = BTreeMap::from([("https://a.example/c.json".to_owned(), "{}".to_owned())]);
    let rows =
        [(Cimd::Allowlist { hosts: Vec::new(), pinned }, true), (hosts(&[]), false), (Cimd::Off, false)];
    for (rules, expected) in rows {
        let web = Arc::new(Web(Mutex::new(vec![Ok(200)]), Mutex::default()));
        let reach = Reach::new(&rules, &(Arc::clone(&web) as Arc<dyn Fetch>));
        assert_eq!(reach.is_there(), expected, "{rules:?}");
        reach.watch().await;
        assert_eq!((reach.is_there(), web.1.lock().unwrap().len()), (expected, 0), "{rules:?}");
    }
}

//! A browser, as far as signing in needs one: cookies, redirects, forms. No script, as the pages have none.

use std::collections::HashMap;

use reqwest::redirect::Policy;
use url::Url;

/// A browser with cookies of its own.
pub(super) struct Browser {
    http: reqwest::Client,
    /// By origin and name.
    cookies: HashMap<(String, String), String>,
}

/// Where a browser has come to.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) status: u16,
    pub(super) url: String,
    pub(super) body: String,
}

impl Browser {
    pub(super) fn new() -> Self {
        let http = reqwest::Client::builder()
            .redirect(Policy::none())
            .no_proxy()
            .pool_max_idle_per_host(0)
            .build()
            .unwrap();
        Self { http, cookies: HashMap::new() }
    }

    /// Goes to a URL and on, until there is a page, or a URL that begins with `stop` would be the next.
    pub(super) async fn open(&mut self, url: &str, stop: &str) -> Page {
        self.go(url, None, stop).await
    }

    /// Fills in the form of a page, presses the button of this name and value, and goes on likewise.
    pub(super) async fn submit(&mut self, page: &Page, fields: &[(&str, &str)], stop: &str) -> Page {
        let action = attribute(&page.body, "<form", "action").unwrap_or_default();
        let url = Url::parse(&page.url).unwrap().join(&action).unwrap();
        let mut form: Vec<(String, String)> = page
            .body
            .split("<input")
            .skip(1)
            .filter_map(|input| Some((attribute_of(input, "name")?, attribute_of(input, "value")?)))
            .collect();
        form.extend(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        self.go(url.as_str(), Some(form), stop).await
    }

    async fn go(&mut self, url: &str, mut form: Option<Vec<(String, String)>>, stop: &str) -> Page {
        let mut url = Url::parse(url).unwrap();
        for _ in 0..10 {
            let origin = url.origin().ascii_serialization();
            let mine = self.cookies.iter().filter(|((of, _), _)| *of == origin);
            let cookies: Vec<String> = mine.map(|((_, name), value)| format!("{name}={value}")).collect();
            let mut request = match form.take() {
                Some(form) => {
                    let body =
                        url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
                    self.http
                        .post(url.clone())
                        .header("content-type", "application/x-www-form-urlencoded")
                        .header("origin", &origin)
                        .body(body)
                }
                None => self.http.get(url.clone()),
            };
            if !cookies.is_empty() {
                request = request.header("cookie", cookies.join("; "));
            }
            let answer = request.send().await.unwrap();
            for cookie in answer.headers().get_all("set-cookie") {
                let pair = cookie.to_str().unwrap().split(';').next().unwrap();
                let (name, value) = pair.split_once('=').unwrap();
                self.cookies.insert((origin.clone(), name.to_owned()), value.to_owned());
            }
            let status = answer.status();
            let next = answer.headers().get("location").map(|next| url.join(next.to_str().unwrap()).unwrap());
            match next.filter(|_| status.is_redirection()) {
                None => {
                    let body = answer.text().await.unwrap();
                    return Page { status: status.as_u16(), url: url.into(), body };
                }
                Some(next) if next.as_str().starts_with(stop) => {
                    return Page { status: status.as_u16(), url: next.into(), body: String::new() };
                }
                Some(next) => url = next,
            }
        }
        panic!("{url} leads nowhere");
    }
}

/// The value of an attribute of the first such element.
fn attribute(html: &str, element: &str, name: &str) -> Option<String> {
    attribute_of(html.split(element).nth(1)?, name)
}

fn attribute_of(element: &str, name: &str) -> Option<String> {
    let tag = element.split('>').next()?;
    let value = tag.split(&format!(" {name}=\"")).nth(1)?.split('"').next()?;
    Some(value.replace("&#38;", "&").replace("&amp;", "&"))
}

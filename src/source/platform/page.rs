//! Lists, page by page.
//!
//! Owns: following a list to its end, whatever the server does with its place markers. Must not know: what
//! is listed.

use std::collections::{HashSet, VecDeque};
use std::hash::{BuildHasher, RandomState};

use futures_util::stream::{self, Stream};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::call::Call;
use super::client::{Body, Client, unexpected};
use super::error::{PlatformError, RefusalKind};

#[derive(Deserialize)]
struct Page<'p> {
    #[serde(borrow)]
    data: Vec<&'p RawValue>,
    #[serde(default)]
    next_page: Option<String>,
}

#[derive(Debug)]
enum Next {
    First,
    At(String),
    End,
}

/// The place in a list: which page comes next, and which ones were seen.
#[derive(Debug)]
pub(super) struct Place {
    call: Call,
    next: Next,
    seen: HashSet<u64>,
    hasher: RandomState,
}

impl Place {
    /// The start of a list.
    pub(super) fn start(call: Call) -> Self {
        Self { call, next: Next::First, seen: HashSet::new(), hasher: RandomState::new() }
    }

    /// A list from a page marker on that an earlier reading was given; `None` is its start.
    pub(super) fn resume(call: Call, marker: Option<String>) -> Self {
        let next = marker.map_or(Next::First, Next::At);
        Self { next, ..Self::start(call) }
    }

    /// The marker of the next page; `None` at the end.
    pub(super) fn marker(&self) -> Option<&str> {
        match &self.next {
            Next::At(marker) => Some(marker),
            Next::First | Next::End => None,
        }
    }

    /// Fetches the next page and hands its items to `each`, as JSON borrowed from the page; `false` at the
    /// end of the list.
    pub(super) async fn advance(
        &mut self,
        client: &Client,
        mut each: impl FnMut(&str) -> Result<(), PlatformError>,
    ) -> Result<bool, PlatformError> {
        let body = match std::mem::replace(&mut self.next, Next::End) {
            Next::End => return Ok(false),
            Next::First => client.bytes(&self.call).await?,
            Next::At(cursor) => match client.bytes(&self.call.at_page(&cursor)).await {
                // It is not the filters: the marker came with them.
                Err(error) if error.kind() == Some(RefusalKind::Request) => return Err(self.broken(true)),
                other => other?,
            },
        };
        let Body { bytes, request_id, .. } = body;
        let page: Page<'_> =
            serde_json::from_slice(&bytes).map_err(|error| unexpected(&self.call, &error, request_id))?;
        for item in page.data {
            each(item.get())?;
        }
        if let Some(next) = page.next_page.filter(|next| !next.is_empty()) {
            if !self.seen.insert(self.hasher.hash_one(&next)) {
                return Err(self.broken(false));
            }
            self.next = Next::At(next);
        }
        Ok(true)
    }

    /// As [`Self::advance`], with the items read. One that can't be read is left out and logged.
    async fn advance_into<T: DeserializeOwned>(
        &mut self,
        client: &Client,
        mut each: impl FnMut(T),
    ) -> Result<bool, PlatformError> {
        let shown = self.call.shown();
        self.advance(client, |json| {
            match serde_json::from_str::<T>(json) {
                Ok(item) => each(item),
                Err(error) => tracing::warn!(at = %shown, %error, "an item could not be read"),
            }
            Ok(())
        })
        .await
    }

    fn broken(&self, expired: bool) -> PlatformError {
        PlatformError::ListBroken { at: self.call.shown(), expired }
    }
}

/// One page of a list: its items, and the marker of the page after it.
pub type PageOf<T> = (Vec<T>, Option<String>);

/// A list page by page, from a marker on or from its start. An item that can't be read is left out and logged.
pub(super) fn pages<T>(
    client: &Client,
    call: Call,
    marker: Option<String>,
) -> impl Stream<Item = Result<PageOf<T>, PlatformError>> + Send + Unpin + use<T>
where
    T: DeserializeOwned + Send + 'static,
{
    let start = (client.clone(), Place::resume(call, marker));
    Box::pin(stream::try_unfold(start, |(client, mut place)| async move {
        let mut page = Vec::new();
        if !place.advance_into(&client, |item| page.push(item)).await? {
            return Ok(None);
        }
        let next = place.marker().map(str::to_owned);
        Ok(Some(((page, next), (client, place))))
    }))
}

/// The items of a list. An item that can't be read is left out and logged: it must not cost the others.
pub(super) fn items<T>(
    client: &Client,
    call: Call,
) -> impl Stream<Item = Result<T, PlatformError>> + Send + Unpin + use<T>
where
    T: DeserializeOwned + Send + 'static,
{
    let client = client.clone();
    let start = (client, Place::start(call), VecDeque::new());
    Box::pin(stream::try_unfold(start, |(client, mut place, mut ready)| async move {
        loop {
            if let Some(item) = ready.pop_front() {
                return Ok(Some((item, (client, place, ready))));
            }
            if !place.advance_into(&client, |item| ready.push_back(item)).await? {
                return Ok(None);
            }
        }
    }))
}

//! Reading the log backwards, over as many partitions as it takes.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use futures::future::try_join_all;
use kernel::{Cursor, OrganisationId, Page, PageRequest, StoreError, Timestamp};
use message_log::{Frame, FrameFilter, PAGE_BYTES};
use uuid::Uuid;

use super::{
    TABLE, item,
    layout::{Bucket, SHARDS, cursor, hour, instant, log, place},
};
use crate::{
    Dynamo,
    query::{Partition, Question},
    write::Item,
};

/// Requests that one page may cost: a search for what is rare goes on with the next page.
const REQUESTS: usize = 256;

pub(super) struct Search<'a> {
    dynamo: &'a Dynamo,
    organisation: OrganisationId,
    filter: &'a FrameFilter,
    after: Option<Cursor>,
    limit: usize,
    question: Question,
    /// The newest bucket that may hold something.
    bucket: Bucket,
    requests: usize,
    items: Vec<Frame>,
    bytes: usize,
}

/// Why looking ended within a bucket.
enum End {
    /// There is nothing left in it.
    Bucket,
    /// The page is full; where the next begins, unless nothing is left in the bucket.
    Page(Option<Cursor>),
}

impl<'a> Search<'a> {
    pub(super) fn new(
        dynamo: &'a Dynamo,
        organisation: OrganisationId,
        filter: &'a FrameFilter,
        now: Timestamp,
        page: PageRequest,
    ) -> Self {
        let limit = usize::from(page.limit.get());
        let after = page.after.filter(|after| after.at.is_some_and(|at| at < filter.to));
        let high = match after {
            Some(Cursor { at: Some(at), id }) => place(at, id.into()),
            _ => instant(filter.to),
        };
        let newest = after.and_then(|after| after.at).unwrap_or(filter.to);
        let (condition, names, values) = condition(filter, now);
        // What is asked of every item alike is true of nearly all: no more are read than fit.
        let narrow = values.len() > 1;
        let partitions = if filter.charge_point.is_some() { 1 } else { usize::from(SHARDS) };
        let step = (!narrow).then(|| i32::try_from(limit / partitions + 8).unwrap_or(i32::MAX));
        let (index, keys) = match (&filter.charge_point, &TABLE.index) {
            (None, Some(index)) => (Some(index.name), index.keys),
            _ => (None, TABLE.keys),
        };
        let range = (instant(filter.from), high);
        let table = dynamo.name_of(&TABLE);
        let question = Question { table, index, keys, range, condition, names, values, step };
        let bucket = match filter.charge_point {
            Some(_) => Bucket::day(newest),
            None => Bucket::hour(newest),
        };
        Self {
            dynamo,
            organisation,
            filter,
            after,
            limit,
            question,
            bucket,
            requests: 0,
            items: Vec::new(),
            bytes: 0,
        }
    }

    pub(super) async fn run(mut self) -> Result<Page<Frame>, StoreError> {
        // A cursor of another range may lie before this one.
        if self.question.range.0 > self.question.range.1 {
            return Ok(Page { items: self.items, next: None });
        }
        loop {
            let end = self.look().await?;
            let is_last = self.bucket.begins <= self.filter.from;
            let rest = (!is_last).then(|| Cursor::at(self.bucket.begins, Uuid::nil()));
            let next = match end {
                End::Page(next) => next.or(rest),
                End::Bucket if is_last => None,
                End::Bucket if self.requests < REQUESTS => {
                    self.bucket = self.bucket.before();
                    continue;
                }
                End::Bucket => rest,
            };
            return Ok(Page { items: self.items, next });
        }
    }

    fn partitions(&self) -> Vec<Partition> {
        match self.filter.charge_point {
            Some(id) => vec![Partition::new(log(self.organisation, id, self.bucket))],
            None => {
                (0..SHARDS).map(|shard| Partition::new(hour(self.organisation, self.bucket, shard))).collect()
            }
        }
    }

    /// Takes what one bucket has, the newest first over its partitions.
    async fn look(&mut self) -> Result<End, StoreError> {
        let mut partitions = self.partitions();
        loop {
            let hungry = partitions.iter().filter(|partition| partition.is_hungry()).count();
            let mut bound = None;
            if hungry > 0 && self.requests < REQUESTS {
                self.requests += hungry;
                let (dynamo, question) = (self.dynamo, &self.question);
                let reading = partitions
                    .iter_mut()
                    .filter(|partition| partition.is_hungry())
                    .map(|partition| partition.read(dynamo, question));
                try_join_all(reading).await?;
                continue;
            }
            if hungry > 0 {
                // Nothing before what was read of all can be told yet.
                let reads = partitions.iter().filter(|partition| partition.is_hungry());
                let reads =
                    reads.map(|partition| partition.read_to(&self.question).unwrap_or("~").to_owned());
                bound = reads.max();
            }
            let newest = partitions
                .iter()
                .enumerate()
                .filter_map(|(index, partition)| Some((place_of(partition.found.front()?)?, index)))
                .max()
                .filter(|(place, _)| bound.as_deref().is_none_or(|bound| *place > bound))
                .map(|(_, index)| index);
            let Some(newest) = newest else {
                return Ok(match bound {
                    Some(bound) => End::Page(cursor(&bound)),
                    None => End::Bucket,
                });
            };
            let Some(found) = partitions[newest].found.pop_front() else { continue };
            let frame = item::read(&found)?;
            let here = Cursor::at(frame.at, frame.id);
            // Only the range's upper end is inclusive.
            if Some(here) == self.after {
                continue;
            }
            self.bytes += frame.text.kept.len();
            self.items.push(frame);
            if self.items.len() == self.limit || self.bytes >= PAGE_BYTES {
                let more =
                    partitions.iter().any(|partition| !partition.found.is_empty() || !partition.is_read());
                return Ok(End::Page(more.then_some(here)));
            }
        }
    }
}

fn place_of(item: &Item) -> Option<&str> {
    item.get(TABLE.keys.1)?.as_s().ok().map(String::as_str)
}

/// What every item must satisfy. The first value is that of its expiry.
fn condition(
    filter: &FrameFilter,
    now: Timestamp,
) -> (String, HashMap<String, String>, HashMap<String, AttributeValue>) {
    let mut condition = "(attribute_not_exists(#expires) OR #expires > :now)".to_owned();
    let mut names = HashMap::from([("#expires".to_owned(), "expires".to_owned())]);
    let mut values = HashMap::from([(":now".to_owned(), AttributeValue::N(now.timestamp().to_string()))]);
    let wanted = [
        ("action", filter.action.as_deref()),
        ("direction", filter.direction.map(item::direction)),
        ("message_id", filter.message_id.as_deref()),
        ("outcome", filter.outcome.map(item::outcome)),
    ];
    for (name, value) in wanted {
        let Some(value) = value else { continue };
        condition.push_str(&format!(" AND #{name} = :{name}"));
        names.insert(format!("#{name}"), name.to_owned());
        values.insert(format!(":{name}"), AttributeValue::S(value.to_owned()));
    }
    (condition, names, values)
}

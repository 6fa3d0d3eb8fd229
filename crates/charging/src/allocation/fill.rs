//! Raising a group of EVSEs together until a link or their own maximum stops each: max-min fair.
//!
//! The level, in microamperes per phase, rises from the lowest start. An EVSE joins when the level
//! reaches what it has, and leaves at its maximum or when a link on its path is full. Only these
//! events are visited. A link's filling level can only move up while others leave, so a stale
//! entry in the queue is found by recomputing it when it comes up: no entry is ever changed.

use std::{cmp::Reverse, collections::BinaryHeap};

use super::{
    links::Links,
    scale::{Amount, Scale},
};

/// A member of the group: its EVSE, how it is steered and what it has.
#[derive(Clone, Copy)]
pub(super) struct Member {
    pub(super) evse: usize,
    pub(super) scale: Scale,
    pub(super) value: i64,
}

impl Member {
    /// What growing takes from links.
    pub(super) fn more(&self, by: i64) -> Amount {
        self.scale.amount(self.value + by).less(self.scale.amount(self.value))
    }
}

/// Per member, by how much the level rose above what it has. Nothing is taken from `links` yet.
pub(super) fn rises(links: &Links, members: &[Member]) -> Vec<i64> {
    Filling::new(links, members).run()
}

struct Filling<'a> {
    links: &'a Links,
    members: &'a [Member],
    starts: Vec<i64>,
    stops: Vec<i64>,
    rising: Vec<bool>,
    rises: Vec<i64>,
    flow: Vec<Flow>,
    /// Who has joined on each link since it was last full.
    users: Vec<Vec<usize>>,
    queue: BinaryHeap<Reverse<(i64, usize)>>,
}

/// A link as the level rises: its room at `level`, and how fast that shrinks from there.
#[derive(Clone, Copy, Default)]
struct Flow {
    room: i64,
    level: i64,
    slope: i64,
    /// The level of its earliest entry in the queue.
    queued: Option<i64>,
    /// It waits to be put in the queue.
    touched: bool,
}

impl Flow {
    fn advance(&mut self, level: i64) {
        self.room -= self.slope * (level - self.level);
        self.level = level;
    }

    /// The level at which it is full.
    fn full_at(&self) -> Option<i64> {
        (self.slope > 0).then(|| self.level + self.room.max(0) / self.slope)
    }
}

impl<'a> Filling<'a> {
    fn new(links: &'a Links, members: &'a [Member]) -> Self {
        Self {
            links,
            members,
            starts: members.iter().map(|member| member.scale.level(member.value)).collect(),
            stops: members.iter().map(|member| member.scale.level(member.scale.max)).collect(),
            rising: vec![false; members.len()],
            rises: vec![0; members.len()],
            flow: links.room.iter().map(|&room| Flow { room, ..Flow::default() }).collect(),
            users: vec![Vec::new(); links.room.len()],
            queue: BinaryHeap::new(),
        }
    }

    fn run(mut self) -> Vec<i64> {
        let mut joining: Vec<usize> = (0..self.members.len()).collect();
        joining.sort_unstable_by_key(|&index| Reverse(self.starts[index]));
        let mut leaving: Vec<usize> = (0..self.members.len()).collect();
        leaving.sort_unstable_by_key(|&index| Reverse(self.stops[index]));
        let mut touched = Vec::new();
        loop {
            let join = joining.last().map(|&index| self.starts[index]);
            let leave = leaving.last().map(|&index| self.stops[index]);
            let full = self.queue.peek().map(|&Reverse((level, _))| level);
            // At one level EVSEs join first, then those with all they want leave, then links fill.
            let Some(level) = [join, leave, full].into_iter().flatten().min() else { return self.rises };
            if join == Some(level) {
                while let Some(index) = joining.pop_if(|index| self.starts[*index] == level) {
                    self.join(index, level, &mut touched);
                }
                touched.drain(..).for_each(|link| self.enqueue(link));
            } else if leave == Some(level) {
                if let Some(index) = leaving.pop() {
                    self.leave(index, level);
                }
            } else if let Some(Reverse((_, link))) = self.queue.pop() {
                self.fill(link, level);
            }
        }
    }

    fn join(&mut self, index: usize, level: i64, touched: &mut Vec<usize>) {
        self.rising[index] = true;
        for hop in self.links.hops(self.members[index].evse) {
            let flow = &mut self.flow[hop.link];
            flow.advance(level);
            flow.slope += hop.weight;
            self.users[hop.link].push(index);
            if !flow.touched {
                flow.touched = true;
                touched.push(hop.link);
            }
        }
    }

    fn leave(&mut self, index: usize, level: i64) {
        if !std::mem::take(&mut self.rising[index]) {
            return;
        }
        self.rises[index] = level - self.starts[index];
        for hop in self.links.hops(self.members[index].evse) {
            let flow = &mut self.flow[hop.link];
            flow.advance(level);
            flow.slope -= hop.weight;
        }
    }

    /// Puts a link in the queue unless an entry that is early enough is there.
    fn enqueue(&mut self, link: usize) {
        let flow = &mut self.flow[link];
        flow.touched = false;
        let Some(level) = flow.full_at() else { return };
        if flow.queued.is_none_or(|queued| level < queued) {
            flow.queued = Some(level);
            self.queue.push(Reverse((level, link)));
        }
    }

    fn fill(&mut self, link: usize, level: i64) {
        self.flow[link].queued = None;
        match self.flow[link].full_at() {
            None => {}
            Some(full_at) if full_at > level => self.enqueue(link),
            Some(_) => {
                // Who joins later finds the link full again.
                for user in std::mem::take(&mut self.users[link]) {
                    self.leave(user, level);
                }
            }
        }
    }
}

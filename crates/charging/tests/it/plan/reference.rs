//! An independent optimum for tiny problems: successive shortest paths with weights for unmet
//! energy, for every peak there can be. Slow, and nothing like the planner.

use charging::plan::Problem;

/// The weight of a watt-hour of the least important tier: far above any price.
const WEIGHT: i128 = 1_000_000;

/// The best there can be: unmet watt-hours by tier, the most important first, then the cost in
/// thousandths of the tariff's unit. Slots must be hours, prices and charges whole thousands.
pub(crate) fn optimum(problem: &Problem) -> (Vec<i128>, i128) {
    let tariff = problem.tariff();
    let unmanaged = tariff.unmanaged.iter().map(|load| load.get()).max().unwrap();
    let floor = unmanaged.max(tariff.peak_so_far.get());
    let site = problem.circuits().iter().find(|circuit| circuit.parent.is_none()).unwrap();
    let highest = site.room.iter().zip(&tariff.unmanaged).map(|(room, load)| (*room + *load).get()).max();
    let peaks = floor..=highest.unwrap().max(floor);
    let best = peaks.map(|peak| {
        let (unmet, energy) = Flow::new(problem, peak).cheapest();
        (unmet, energy + i128::from(peak - tariff.peak_so_far.get()) * i128::from(tariff.demand / 1000))
    });
    best.min().unwrap()
}

struct Edge {
    to: usize,
    room: i64,
    price: i128,
}

/// A flow network with the edges and their reverses side by side.
struct Flow<'a> {
    problem: &'a Problem,
    edges: Vec<Edge>,
    from: Vec<Vec<usize>>,
    needs: Vec<usize>,
    levels: Vec<u8>,
}

impl<'a> Flow<'a> {
    /// Nodes: source, sink, demands, then circuits by slot.
    fn new(problem: &'a Problem, peak: i64) -> Self {
        let slots = problem.horizon().slots;
        let demands = problem.demands().len();
        let node = |circuit: usize, slot: usize| 2 + demands + circuit * slots + slot;
        let mut levels: Vec<u8> = problem.demands().iter().map(|demand| demand.tier).collect();
        levels.sort_unstable();
        levels.dedup();
        let nodes = 2 + demands + problem.circuits().len() * slots;
        let mut flow =
            Self { problem, edges: Vec::new(), from: vec![Vec::new(); nodes], needs: Vec::new(), levels };
        for (at, demand) in problem.demands().iter().enumerate() {
            let weight = flow.weight(demand.tier);
            flow.needs.push(flow.edges.len());
            flow.edge(0, 2 + at, demand.need.get(), -weight);
            flow.edge(0, 2 + at, demand.spare.get(), 0);
            for (most, slot) in demand.most.iter().zip(demand.arrival..) {
                flow.edge(2 + at, node(demand.circuit, slot), most.get(), 0);
            }
        }
        for (at, circuit) in problem.circuits().iter().enumerate() {
            for (slot, room) in circuit.room.iter().enumerate() {
                let room = room.get().max(0);
                let below = (peak - problem.tariff().unmanaged[slot].get()).max(0);
                match circuit.parent {
                    Some(parent) => flow.edge(node(at, slot), node(parent, slot), room, 0),
                    None => {
                        let price = i128::from(problem.tariff().energy[slot] / 1000);
                        flow.edge(node(at, slot), 1, room.min(below), price);
                    }
                }
            }
        }
        flow
    }

    fn weight(&self, tier: u8) -> i128 {
        let less = self.levels.iter().filter(|&&level| level > tier).count();
        WEIGHT.pow(u32::try_from(less + 1).unwrap())
    }

    fn edge(&mut self, from: usize, to: usize, room: i64, price: i128) {
        self.from[from].push(self.edges.len());
        self.edges.push(Edge { to, room, price });
        self.from[to].push(self.edges.len());
        self.edges.push(Edge { to: from, room: 0, price: -price });
    }

    /// Augments along the cheapest way as long as that gains something.
    fn cheapest(mut self) -> (Vec<i128>, i128) {
        while let Some(way) = self.way() {
            let room = way.iter().map(|&edge| self.edges[edge].room).min().unwrap();
            for edge in way {
                self.edges[edge].room -= room;
                self.edges[edge ^ 1].room += room;
            }
        }
        let mut unmet = vec![0; self.levels.len()];
        let mut energy = 0;
        for (demand, &edge) in self.problem.demands().iter().zip(&self.needs) {
            let tier = self.levels.iter().position(|&level| level == demand.tier).unwrap();
            unmet[tier] += i128::from(self.edges[edge].room);
        }
        for back in self.edges.iter().skip(1).step_by(2).filter(|back| back.price.abs() < WEIGHT) {
            energy -= back.price * i128::from(back.room);
        }
        (unmet, energy)
    }

    /// The cheapest way from source to sink, if it gains something: Bellman and Ford.
    fn way(&self) -> Option<Vec<usize>> {
        let mut best: Vec<Option<(i128, usize)>> = vec![None; self.from.len()];
        best[0] = Some((0, usize::MAX));
        let mut changed = true;
        while std::mem::take(&mut changed) {
            for (node, edges) in self.from.iter().enumerate() {
                let Some((price, _)) = best[node] else { continue };
                for &edge in edges {
                    let Edge { to, room, price: more } = self.edges[edge];
                    let next = price + more;
                    if room > 0 && best[to].is_none_or(|(price, _)| next < price) {
                        best[to] = Some((next, edge));
                        changed = true;
                    }
                }
            }
        }
        let (price, _) = best[1]?;
        if price >= 0 {
            return None;
        }
        let mut way = Vec::new();
        let mut node = 1;
        while node != 0 {
            let (_, edge) = best[node]?;
            way.push(edge);
            node = self.edges[edge ^ 1].to;
        }
        Some(way)
    }
}

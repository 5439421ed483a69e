//! Decision diagrams: which combinations of scores a condition holds for, whatever the number of combinations.
//!
//! A node asks for one variable and has an edge for each run of its values; equal nodes are one node, so that a
//! condition is one number and two conditions are combined in about as many steps as they have nodes (Srinivasan,
//! Kam, Malik & Brayton, "Algorithms for discrete function manipulation", 1990).

use std::{
    collections::HashMap,
    hash::{BuildHasherDefault, Hasher},
    rc::Rc,
};

/// A node, by its number: a set of combinations.
pub(super) type Node = u32;

/// No combination.
pub(super) const NONE: Node = 0;
/// Every combination.
pub(super) const ALL: Node = 1;

/// An edge: the last value of its run, and where it leads. The runs of a node are ascending and leave out nothing.
pub(super) type Edge = (i64, Node);

/// How two sets are combined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Operation {
    And,
    Or,
    Without,
}

/// A map by nodes. Their numbers are given here, so that nobody chooses ones that collide.
pub(super) type NodeMap<K, V> = HashMap<K, V, BuildHasherDefault<NodeHasher>>;

/// Multiplies word by word, as compilers do for keys of a few words.
#[derive(Default)]
pub(super) struct NodeHasher(u64);

impl Hasher for NodeHasher {
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.write_u64(u64::from_le_bytes(word));
        }
    }

    fn write_u64(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(5) ^ word).wrapping_mul(0xf135_7aea_2e62_a9c5);
    }

    fn write_u32(&mut self, word: u32) {
        self.write_u64(word.into());
    }

    fn write_usize(&mut self, word: usize) {
        self.write_u64(word as u64);
    }

    fn finish(&self) -> u64 {
        self.0.rotate_left(26)
    }
}

/// More steps were needed than are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Exhausted;

/// Counts the steps that are left.
#[derive(Debug)]
pub(super) struct Budget(pub(super) usize);

impl Budget {
    pub(super) fn spend(&mut self, steps: usize) -> Result<(), Exhausted> {
        self.0 = self.0.checked_sub(steps).ok_or(Exhausted)?;
        Ok(())
    }
}

/// The nodes, each after those it leads to. A level is a variable by its place in the order they are asked for.
pub(super) struct Diagram {
    nodes: Vec<(usize, Rc<[Edge]>)>,
    /// By their edges, the level before them.
    known: NodeMap<Rc<[Edge]>, Node>,
    combined: NodeMap<(Operation, Node, Node), Node>,
    /// The edges of nodes that are not finished.
    unfinished: Vec<Edge>,
    pub(super) budget: Budget,
}

impl Diagram {
    /// An empty diagram for variables of that many levels.
    pub(super) fn new(levels: usize, budget: Budget) -> Self {
        let end = (levels, Rc::from([(0, NONE)]));
        let (known, combined) = (NodeMap::default(), NodeMap::default());
        Self { nodes: vec![end.clone(), end], known, combined, unfinished: Vec::new(), budget }
    }

    pub(super) fn level(&self, node: Node) -> usize {
        self.nodes[node as usize].0
    }

    pub(super) fn edges(&self, node: Node) -> impl Iterator<Item = Edge> + use<> {
        let edges = Rc::clone(&self.nodes[node as usize].1);
        (1..edges.len()).map(move |n| edges[n])
    }

    /// The node with these edges, whose neighbours may lead to the same.
    pub(super) fn node(&mut self, level: usize, edges: impl IntoIterator<Item = Edge>) -> Node {
        let start = self.begin(level);
        edges.into_iter().for_each(|edge| self.add(start, edge));
        self.finish(start)
    }

    /// Begins a node, whose level takes the place of an edge.
    fn begin(&mut self, level: usize) -> usize {
        self.unfinished.push((i64::try_from(level).unwrap_or(i64::MAX), NONE));
        self.unfinished.len()
    }

    fn add(&mut self, start: usize, edge: Edge) {
        match self.unfinished[start..].last_mut() {
            Some(last) if last.1 == edge.1 => last.0 = edge.0,
            _ => self.unfinished.push(edge),
        }
    }

    fn finish(&mut self, start: usize) -> Node {
        let key = &self.unfinished[start - 1..];
        let node = match key {
            [_, (_, only)] => *only,
            key => self.known.get(key).copied().unwrap_or_else(|| {
                let (level, key) = (usize::try_from(key[0].0).unwrap_or(usize::MAX), Rc::<[Edge]>::from(key));
                let node = Node::try_from(self.nodes.len()).expect("the budget ends long before");
                self.nodes.push((level, Rc::clone(&key)));
                self.known.insert(key, node);
                node
            }),
        };
        self.unfinished.truncate(start - 1);
        node
    }

    pub(super) fn combine(&mut self, operation: Operation, a: Node, b: Node) -> Result<Node, Exhausted> {
        use Operation::{And, Or, Without};
        let (a, b) = if operation != Without && a > b { (b, a) } else { (a, b) };
        match (operation, a, b) {
            (And | Without, NONE, _) | (Without, _, ALL) => return Ok(NONE),
            (Or, ALL, _) => return Ok(ALL),
            (And, ALL, _) | (Or, NONE, _) => return Ok(b),
            (Without, _, NONE) => return Ok(a),
            (Without, ..) if a == b => return Ok(NONE),
            _ if a == b => return Ok(a),
            _ => (),
        }
        if let Some(known) = self.combined.get(&(operation, a, b)) {
            return Ok(*known);
        }
        let level = self.level(a).min(self.level(b));
        let (own_a, own_b) = (self.level(a) == level, self.level(b) == level);
        // A node that does not ask for the variable leads to itself whatever its value.
        let edge = |diagram: &Self, node: Node, own: bool, at: usize| {
            if own { diagram.nodes[node as usize].1.get(at).copied() } else { Some((i64::MAX, node)) }
        };
        let start = self.begin(level);
        let (mut at_a, mut at_b, mut steps) = (1, 1, 0);
        while let (Some((end_a, to_a)), Some((end_b, to_b))) =
            (edge(self, a, own_a, at_a), edge(self, b, own_b, at_b))
        {
            let to = self.combine(operation, to_a, to_b)?;
            self.add(start, (end_a.min(end_b), to));
            at_a += usize::from(end_a <= end_b);
            at_b += usize::from(end_b <= end_a);
            steps += 1;
        }
        self.budget.spend(steps)?;
        let node = self.finish(start);
        self.combined.insert((operation, a, b), node);
        Ok(node)
    }

    pub(super) fn not(&mut self, node: Node) -> Result<Node, Exhausted> {
        self.combine(Operation::Without, ALL, node)
    }

    /// What is left of a set where a variable has a value.
    pub(super) fn fixed(&mut self, node: Node, level: usize, value: i64) -> Result<Node, Exhausted> {
        let mut done = NodeMap::default();
        self.fix(node, level, value, &mut done)
    }

    fn fix(
        &mut self,
        node: Node,
        level: usize,
        value: i64,
        done: &mut NodeMap<Node, Node>,
    ) -> Result<Node, Exhausted> {
        if self.level(node) > level {
            return Ok(node);
        }
        if self.level(node) == level {
            return Ok(self.edges(node).find(|(end, _)| value <= *end).map_or(NONE, |(_, to)| to));
        }
        if let Some(known) = done.get(&node) {
            return Ok(*known);
        }
        let start = self.begin(self.level(node));
        for (end, to) in self.edges(node) {
            self.budget.spend(1)?;
            let to = self.fix(to, level, value, done)?;
            self.add(start, (end, to));
        }
        let fixed = self.finish(start);
        done.insert(node, fixed);
        Ok(fixed)
    }

    /// Where along a variable a set may change: the last values of the runs of all nodes that ask for it.
    pub(super) fn ends(&self, node: Node, level: usize) -> Vec<i64> {
        let (mut seen, mut next, mut ends) = (vec![false; self.nodes.len()], vec![node], Vec::new());
        while let Some(node) = next.pop() {
            if self.level(node) > level || std::mem::replace(&mut seen[node as usize], true) {
                continue;
            }
            if self.level(node) == level {
                ends.extend(self.edges(node).map(|(end, _)| end));
            } else {
                next.extend(self.edges(node).map(|(_, to)| to));
            }
        }
        ends.sort_unstable();
        ends.dedup();
        ends
    }
}

//! Who takes which seat, so that everybody has one at most.

use super::Pool;

/// The seats of pools and of a room, and who can take them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Seats<P> {
    who: Vec<P>,
    /// Of each pool how many seats it has, and the members by their places in the list; a room is the last.
    pools: Vec<(usize, Vec<usize>)>,
    has_room: bool,
}

impl<P: Copy + Ord> Seats<P> {
    pub(super) fn of(required: &[P], pools: &[Pool<P>], rooms: &[P]) -> Self {
        let mut who: Vec<P> = pools.iter().flat_map(|pool| &pool.members).chain(rooms).copied().collect();
        who.sort_unstable();
        who.dedup();
        who.retain(|one| !required.contains(one));
        let places = |members: &[P]| members.iter().filter_map(|one| who.binary_search(one).ok()).collect();
        let mut pools: Vec<(usize, Vec<usize>)> =
            pools.iter().map(|pool| (pool.needed, places(&pool.members))).collect();
        if !rooms.is_empty() {
            pools.push((1, places(rooms)));
        }
        Self { who, pools, has_room: !rooms.is_empty() }
    }

    /// Who can take seats; nobody of those who are required.
    pub(super) fn who(&self) -> &[P] {
        &self.who
    }

    /// Who of each pool, and the room, if all seats can be taken by those who are free. Seats are filled one by one;
    /// who has one already changes to another where that frees it (augmenting paths).
    pub(super) fn fill(&self, is_free: impl Fn(usize) -> bool) -> Option<(Vec<Vec<P>>, Option<P>)> {
        let is_free: Vec<bool> = (0..self.who.len()).map(is_free).collect();
        let mut taken: Vec<Option<usize>> = vec![None; self.who.len()];
        for (pool, (needed, members)) in self.pools.iter().enumerate() {
            if members.iter().filter(|member| is_free[**member]).count() < *needed {
                return None;
            }
            for _ in 0..*needed {
                let mut asked: Vec<bool> = is_free.iter().map(|is_free| !is_free).collect();
                if !self.seat(pool, &mut asked, &mut taken) {
                    return None;
                }
            }
        }
        let seated = |pool: usize| {
            let members = self.pools[pool].1.iter().filter(|member| taken[**member] == Some(pool));
            members.map(|member| self.who[*member]).collect::<Vec<P>>()
        };
        let mut pools: Vec<Vec<P>> = (0..self.pools.len()).map(seated).collect();
        let room = if self.has_room { pools.pop().and_then(|rooms| rooms.first().copied()) } else { None };
        Some((pools, room))
    }

    /// Finds somebody for one more seat of a pool: of those not asked yet who has none, else who can change.
    fn seat(&self, pool: usize, asked: &mut [bool], taken: &mut [Option<usize>]) -> bool {
        let members = &self.pools[pool].1;
        if let Some(member) = members.iter().find(|member| !asked[**member] && taken[**member].is_none()) {
            taken[*member] = Some(pool);
            return true;
        }
        for &member in members {
            let own = taken[member].filter(|own| *own != pool);
            let Some(own) = own.filter(|_| !std::mem::replace(&mut asked[member], true)) else { continue };
            if self.seat(own, asked, taken) {
                taken[member] = Some(pool);
                return true;
            }
        }
        false
    }
}

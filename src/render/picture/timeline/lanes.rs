//! Orders lanes so that links cross few of them (minimum linear arrangement).

/// Up to this number of lanes the order is optimal; above, it is a local optimum. Ten lanes take some 100,000 steps,
/// and each further one more than twice as many.
const EXACT: usize = 10;

/// Returns an order of lanes (indexes, topmost first) in which links cross few other lanes.
///
/// `weights[a][b]` is the number of links between two lanes; it is symmetric. Of equally good orders, returns the one
/// nearest to the given numbering.
pub fn order(weights: &[Vec<u32>]) -> Vec<usize> {
    if weights.len() <= EXACT { exact(weights) } else { improved(weights) }
}

/// Returns the sum, over all links, of the number of lanes between their ends.
pub fn cost(weights: &[Vec<u32>], order: &[usize]) -> u64 {
    let mut sum = 0;
    for (i, a) in order.iter().enumerate() {
        for (j, b) in order.iter().enumerate().skip(i + 1) {
            sum += u64::from(weights[*a][*b]) * (j - i) as u64;
        }
    }
    sum
}

/// Finds the optimum by dynamic programming over the subsets of lanes, O(2^n · n²): the cost of an order is the sum,
/// over its prefixes, of the links that leave the prefix. (Held and Karp, *A dynamic programming approach to
/// sequencing problems*, 1962.)
fn exact(weights: &[Vec<u32>]) -> Vec<usize> {
    let n = weights.len();
    let full = (1usize << n) - 1;
    let cut = |set: usize| -> u64 {
        let inside = |i: &usize| set >> i & 1 == 1;
        let pairs = (0..n).filter(inside).flat_map(|a| (0..n).filter(|b| !inside(b)).map(move |b| (a, b)));
        pairs.map(|(a, b)| u64::from(weights[a][b])).sum()
    };
    // The minimum remaining cost from each subset on.
    let mut rest = vec![u64::MAX; full + 1];
    rest[full] = 0;
    for set in (0..full).rev() {
        let best = (0..n).filter(|i| set >> i & 1 == 0).map(|i| rest[set | 1 << i]).min().unwrap_or(0);
        rest[set] = best + cut(set);
    }
    let mut order = Vec::with_capacity(n);
    let mut set = 0;
    while set != full {
        let free = (0..n).filter(|i| set >> i & 1 == 0);
        let Some(next) = free.min_by_key(|i| (rest[set | 1 << i], *i)) else { break };
        order.push(next);
        set |= 1 << next;
    }
    order
}

/// Swaps two lanes, or moves one, as long as that lowers the cost.
fn improved(weights: &[Vec<u32>]) -> Vec<usize> {
    let n = weights.len();
    let mut order: Vec<usize> = (0..n).collect();
    let mut best = cost(weights, &order);
    // Ends as soon as a round improves nothing; the bound is for many lanes, where a round takes O(n⁴).
    for _ in 0..12 {
        let before = best;
        for (i, j) in (0..n).flat_map(|i| (0..n).map(move |j| (i, j))) {
            if crate::limits::is_over_after(n * n) {
                return order;
            }
            for tried in [swapped(&order, i, j), shifted(&order, i, j)] {
                let price = cost(weights, &tried);
                if price < best {
                    (order, best) = (tried, price);
                }
            }
        }
        if best == before {
            break;
        }
    }
    order
}

fn swapped(order: &[usize], i: usize, j: usize) -> Vec<usize> {
    let mut tried = order.to_vec();
    tried.swap(i, j);
    tried
}

fn shifted(order: &[usize], i: usize, j: usize) -> Vec<usize> {
    let mut tried = order.to_vec();
    let lane = tried.remove(i);
    tried.insert(j, lane);
    tried
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(n: usize, pairs: &[(usize, usize)]) -> Vec<Vec<u32>> {
        let mut weights = vec![vec![0; n]; n];
        for (a, b) in pairs {
            weights[*a][*b] += 1;
            weights[*b][*a] += 1;
        }
        weights
    }

    #[test]
    fn neighbours_come_together() {
        assert_eq!(order(&joined(4, &[(0, 3), (3, 1), (1, 2)])), [0, 3, 1, 2]);
        assert_eq!(order(&joined(3, &[])), [0, 1, 2]);
        assert!(order(&[]).is_empty());
    }

    #[test]
    fn a_long_chain_is_untangled() {
        let chain: Vec<(usize, usize)> = (0..13).map(|i| (i * 5 % 14, (i + 1) * 5 % 14)).collect();
        let weights = joined(14, &chain);
        let found = order(&weights);
        let first: Vec<usize> = (0..14).collect();
        assert!(cost(&weights, &found) * 2 < cost(&weights, &first));
        let mut sorted = found.clone();
        sorted.sort();
        assert_eq!(sorted, first);
    }
}

//! Equations are written in any order; here they get one in which each uses only earlier ones, or a cycle is named.

/// The order of `n` items.
pub(super) enum Order {
    /// Indices such that each item comes after all it uses.
    Sorted(Vec<usize>),
    /// Items that use each other in a circle, each using the next and the last the first.
    Cycle(Vec<usize>),
}

/// Depth-first topological sort without recursion; `uses[i]` are the items that item i uses.
pub(super) fn sort(uses: &[Vec<usize>]) -> Order {
    #[derive(Clone, Copy, PartialEq)]
    enum Mark {
        New,
        Open,
        Done,
    }
    let mut marks = vec![Mark::New; uses.len()];
    let mut sorted = Vec::with_capacity(uses.len());
    for root in 0..uses.len() {
        if marks[root] != Mark::New {
            continue;
        }
        // The path from the root to the present item, each with the number of its uses already followed.
        let mut path = vec![(root, 0)];
        marks[root] = Mark::Open;
        while let Some((item, followed)) = path.last_mut() {
            let item = *item;
            let Some(&next) = uses[item].get(*followed) else {
                marks[item] = Mark::Done;
                sorted.push(item);
                path.pop();
                continue;
            };
            *followed += 1;
            match marks[next] {
                Mark::Done => {}
                Mark::New => {
                    marks[next] = Mark::Open;
                    path.push((next, 0));
                }
                Mark::Open => {
                    let start = path.iter().position(|(on_path, _)| *on_path == next).unwrap_or(0);
                    return Order::Cycle(path[start..].iter().map(|(on_path, _)| *on_path).collect());
                }
            }
        }
    }
    Order::Sorted(sorted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_come_after_what_they_use() {
        let Order::Sorted(sorted) = sort(&[vec![2], vec![0], vec![]]) else { panic!("no cycle here") };
        assert_eq!(sorted, vec![2, 0, 1]);
    }

    #[test]
    fn a_cycle_is_named_in_the_order_of_use() {
        let Order::Cycle(cycle) = sort(&[vec![1], vec![2], vec![1], vec![0]]) else { panic!("a cycle") };
        assert_eq!(cycle, vec![1, 2]);
    }

    #[test]
    fn a_chain_of_a_hundred_thousand_does_not_overflow_the_stack() {
        let uses: Vec<Vec<usize>> = (0..100_000).map(|i| if i > 0 { vec![i - 1] } else { vec![] }).collect();
        assert!(matches!(sort(&uses), Order::Sorted(sorted) if sorted.len() == 100_000));
    }
}

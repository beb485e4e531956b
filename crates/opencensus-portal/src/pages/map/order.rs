//! Orders the vertices of each layer, so that few edges cross.

/// The number of times that each layer is sorted, in both directions.
const SWEEPS: usize = 8;

/// Sorts each layer by the mean place of the neighbours in the layer before and after, in turns, and returns the best
/// order. `links` connect a vertex with one of the next layer.
pub(super) fn order(mut layers: Vec<Vec<usize>>, links: &[(usize, usize)]) -> Vec<Vec<usize>> {
    let vertices = layers.iter().flatten().max().map_or(0, |last| last + 1);
    let (mut before, mut after) = (vec![Vec::new(); vertices], vec![Vec::new(); vertices]);
    for (from, to) in links {
        after[*from].push(*to);
        before[*to].push(*from);
    }
    let mut best = (crossings(&layers, &after), layers.clone());
    for sweep in 0..SWEEPS {
        let mut places = places(&layers, vertices);
        let forward = sweep % 2 == 0;
        let neighbours = if forward { &before } else { &after };
        let mut numbers: Vec<_> = (0..layers.len()).collect();
        if !forward {
            numbers.reverse();
        }
        for number in numbers {
            sort(&mut layers[number], neighbours, &mut places);
        }
        let crossed = crossings(&layers, &after);
        if crossed < best.0 {
            best = (crossed, layers.clone());
        }
    }
    best.1
}

/// The place of each vertex in its layer.
fn places(layers: &[Vec<usize>], vertices: usize) -> Vec<usize> {
    let mut places = vec![0; vertices];
    for (place, vertex) in layers.iter().flat_map(|layer| layer.iter().enumerate()) {
        places[*vertex] = place;
    }
    places
}

/// Sorts a layer by the mean place of the neighbours. A vertex without neighbours counts with its own place.
fn sort(layer: &mut [usize], neighbours: &[Vec<usize>], places: &mut [usize]) {
    let mean = |vertex: usize| {
        let near = &neighbours[vertex];
        let sum: usize = near.iter().map(|neighbour| places[*neighbour]).sum();
        if near.is_empty() { places[vertex] as f64 } else { sum as f64 / near.len() as f64 }
    };
    let mut means: Vec<_> = layer.iter().map(|vertex| (mean(*vertex), *vertex)).collect();
    means.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    for (place, (slot, (_, vertex))) in layer.iter_mut().zip(means).enumerate() {
        *slot = vertex;
        places[vertex] = place;
    }
}

/// The number of pairs of links that cross.
fn crossings(layers: &[Vec<usize>], after: &[Vec<usize>]) -> usize {
    let places = places(layers, after.len());
    let of_layer = |layer: &Vec<usize>| {
        let mut links = Vec::new();
        for (at, vertex) in layer.iter().enumerate() {
            links.extend(after[*vertex].iter().map(|end| (at, places[*end])));
        }
        let pairs = links.iter().enumerate().flat_map(|(at, a)| links[at + 1..].iter().map(move |b| (a, b)));
        pairs.filter(|(a, b)| a.0 < b.0 && a.1 > b.1 || a.0 > b.0 && a.1 < b.1).count()
    };
    layers.iter().map(of_layer).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_come_close_to_each_other() {
        // 0 leads to 4, 1 to 3, 2 to both of them and to 5.
        let links = [(0, 4), (1, 3), (2, 3), (2, 5)];
        let layers = vec![vec![0, 1, 2], vec![3, 4, 5]];
        let after = |layers: &[Vec<usize>]| {
            let mut after = vec![Vec::new(); 6];
            links.iter().for_each(|(from, to)| after[*from].push(*to));
            crossings(layers, &after)
        };
        assert_eq!(after(&layers), 2);
        let ordered = order(layers, &links);
        assert_eq!((after(&ordered), ordered), (0, vec![vec![0, 1, 2], vec![4, 3, 5]]));
    }

    #[test]
    fn order_without_links_is_kept() {
        assert_eq!(order(vec![vec![2, 0], vec![1]], &[]), [vec![2, 0], vec![1]]);
        assert_eq!(order(Vec::new(), &[]), Vec::<Vec<usize>>::new());
    }
}

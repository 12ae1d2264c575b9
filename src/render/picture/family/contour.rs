//! The upper and lower outline of a block, for packing blocks. (After the contours of Reingold and Tilford, *Tidier
//! drawings of trees*, 1981, but as columns of pixels, because labels and lines have widths of their own.)

/// Pixels in a column. Wider ones pack blocks less tightly, narrower ones take more steps for each block.
const COLUMN: f64 = 2.0;

/// By column from `start` on, the smallest and largest y of the block; infinite where the column is empty.
#[derive(Debug, Clone, Default)]
pub struct Contour {
    start: usize,
    top: Vec<f64>,
    bottom: Vec<f64>,
}

impl Contour {
    /// Adds a box; x below 0 is clamped to 0.
    pub fn add(&mut self, (from, to): (f64, f64), (top, bottom): (f64, f64)) {
        let column = |x: f64| (x.max(0.0) / COLUMN) as usize;
        let (first, last) = (column(from), column(to.max(from)));
        self.reach(first, last);
        for i in first - self.start..=last - self.start {
            self.top[i] = self.top[i].min(top);
            self.bottom[i] = self.bottom[i].max(bottom);
        }
    }

    /// Returns how far down another block must move to clear this one, at least `least`.
    pub fn below(&self, other: &Contour, least: f64) -> f64 {
        let from = self.start.max(other.start);
        let to = (self.start + self.top.len()).min(other.start + other.top.len());
        // An empty column of either gives negative infinity, never NaN, so that it needs no test.
        (from..to).map(|i| self.bottom[i - self.start] - other.top[i - other.start]).fold(least, f64::max)
    }

    /// Adds a block, moved down by `down`.
    pub fn merge(&mut self, other: &Contour, down: f64) {
        if other.top.is_empty() {
            return;
        }
        self.reach(other.start, other.start + other.top.len() - 1);
        for (i, (top, bottom)) in other.top.iter().zip(&other.bottom).enumerate() {
            let at = other.start + i - self.start;
            self.top[at] = self.top[at].min(top + down);
            self.bottom[at] = self.bottom[at].max(bottom + down);
        }
    }

    /// Returns the largest y, which is the lowest point; 0 if the block is empty.
    pub fn lowest(&self) -> f64 {
        self.bottom.iter().copied().fold(0.0, f64::max)
    }

    /// Extends the columns to include `first` and `last`.
    fn reach(&mut self, first: usize, last: usize) {
        if self.top.is_empty() {
            self.start = first;
        }
        if first < self.start {
            let more = self.start - first;
            self.top.splice(0..0, std::iter::repeat_n(f64::INFINITY, more));
            self.bottom.splice(0..0, std::iter::repeat_n(f64::NEG_INFINITY, more));
            self.start = first;
        }
        if last >= self.start + self.top.len() {
            self.top.resize(last - self.start + 1, f64::INFINITY);
            self.bottom.resize(last - self.start + 1, f64::NEG_INFINITY);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Contour;

    fn boxed(from: f64, to: f64) -> Contour {
        let mut contour = Contour::default();
        contour.add((from, to), (-5.0, 5.0));
        contour
    }

    #[test]
    fn blocks_stand_clear_of_each_other() {
        let mut all = boxed(0.0, 100.0);
        assert_eq!(all.below(&boxed(50.0, 80.0), 0.0), 10.0);
        assert_eq!(all.below(&boxed(150.0, 180.0), 3.0), 3.0, "nothing is above it");
        all.merge(&boxed(50.0, 80.0), 10.0);
        assert_eq!(all.below(&boxed(60.0, 200.0), 0.0), 20.0);
        assert_eq!(all.below(&boxed(0.0, 40.0), 0.0), 10.0);
        assert_eq!(all.lowest(), 15.0);
    }

    #[test]
    fn a_contour_grows_to_both_sides() {
        let mut contour = boxed(40.0, 60.0);
        contour.add((-10.0, 10.0), (0.0, 30.0));
        contour.add((90.0, 100.0), (0.0, 2.0));
        assert_eq!(contour.below(&boxed(0.0, 8.0), 0.0), 35.0);
        assert_eq!(contour.below(&boxed(20.0, 30.0), 0.0), 0.0);
        assert_eq!(contour.below(&boxed(94.0, 96.0), 0.0), 7.0);
    }
}

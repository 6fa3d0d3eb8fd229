//! Sets of slots, one row for each circuit or demand, held as bits: a search through the residual
//! network handles 64 slots of a circuit with one instruction.

/// Rows of bits, all of the same length.
#[derive(Clone, Debug)]
pub(crate) struct Rows {
    words: usize,
    bits: Vec<u64>,
}

impl Rows {
    pub(crate) fn new(rows: usize, slots: usize) -> Self {
        let words = slots.div_ceil(64);
        Self { words, bits: vec![0; rows * words] }
    }

    pub(crate) fn words(&self) -> usize {
        self.words
    }

    pub(crate) fn clear(&mut self) {
        self.bits.fill(0);
    }

    pub(crate) fn row(&self, row: usize) -> &[u64] {
        &self.bits[row * self.words..][..self.words]
    }

    pub(crate) fn row_mut(&mut self, row: usize) -> &mut [u64] {
        &mut self.bits[row * self.words..][..self.words]
    }

    pub(crate) fn word(&self, row: usize, word: usize) -> u64 {
        self.bits[row * self.words + word]
    }

    pub(crate) fn word_mut(&mut self, row: usize, word: usize) -> &mut u64 {
        &mut self.bits[row * self.words + word]
    }

    pub(crate) fn assign(&mut self, row: usize, slot: usize, value: bool) {
        let word = &mut self.bits[row * self.words + slot / 64];
        let bit = 1 << (slot % 64);
        if value {
            *word |= bit;
        } else {
            *word &= !bit;
        }
    }

    pub(crate) fn has(&self, row: usize, slot: usize) -> bool {
        self.word(row, slot / 64) & (1 << (slot % 64)) != 0
    }

    /// The first slot of a row from `from` on.
    pub(crate) fn next(&self, row: usize, from: usize) -> Option<usize> {
        let mut at = from / 64;
        if at >= self.words {
            return None;
        }
        let mut word = self.word(row, at) & (u64::MAX << (from % 64));
        while word == 0 {
            at += 1;
            if at == self.words {
                return None;
            }
            word = self.word(row, at);
        }
        Some(at * 64 + word.trailing_zeros() as usize)
    }
}

/// The slots of one word, lowest first.
pub(crate) fn slots_of(word: usize, mut bits: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        (bits != 0).then(|| {
            let slot = word * 64 + bits.trailing_zeros() as usize;
            bits &= bits - 1;
            slot
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_found_across_words() {
        let mut rows = Rows::new(2, 130);
        for slot in [0, 63, 64, 129] {
            rows.assign(1, slot, true);
        }
        assert_eq!(rows.next(0, 0), None);
        assert_eq!(rows.next(1, 1), Some(63));
        assert_eq!(rows.next(1, 65), Some(129));
        assert_eq!(rows.next(1, 130), None);
        rows.assign(1, 129, false);
        assert_eq!(rows.next(1, 65), None);
        assert!(rows.has(1, 64) && !rows.has(1, 65));
        assert_eq!(slots_of(1, rows.word(1, 1)).collect::<Vec<_>>(), [64]);
    }
}

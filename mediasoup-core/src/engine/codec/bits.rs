//! Reading a descriptor bit by bit.

/// What is left of some bytes, most significant bit first.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Bits<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    pub(super) fn is_set(&mut self) -> Option<bool> {
        let byte = self.bytes.get(self.at / 8)?;
        let bit = byte >> (7 - self.at % 8) & 1;
        self.at += 1;
        Some(bit == 1)
    }

    /// An unsigned number of `count` bits, at most 32.
    pub(super) fn number(&mut self, count: u32) -> Option<u32> {
        (0..count).try_fold(0, |number, _| Some(number << 1 | u32::from(self.is_set()?)))
    }

    /// A number below `count`, in as few bits as do: `ns(n)` of AV1 §4.10.7.
    pub(super) fn below(&mut self, count: u32) -> Option<u32> {
        let width = u32::BITS - count.leading_zeros();
        let short = (1_u32 << width) - count;
        let number = self.number(width.checked_sub(1)?)?;
        if number < short {
            return Some(number);
        }
        Some((number << 1 | u32::from(self.is_set()?)) - short)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_numbers_until_there_are_no_bits() {
        let mut bits = Bits::new(&[0b1010_0000, 0xFF]);
        assert_eq!(bits.is_set(), Some(true));
        assert_eq!(bits.number(4), Some(0b0100));
        assert_eq!(bits.number(11), Some(0b000_1111_1111));
        assert_eq!(bits.number(1), None);
    }

    #[test]
    fn numbers_below_a_count_take_as_few_bits_as_do() {
        // Of 5: 00, 01, 10, 110, 111.
        let mut bits = Bits::new(&[0b0001_1011, 0b0111_0000]);
        let read: Vec<_> = (0..5).map(|_| bits.below(5)).collect();
        assert_eq!(read, [Some(0), Some(1), Some(2), Some(3), Some(4)]);
        assert_eq!(Bits::new(&[]).below(1), Some(0), "no bit is needed");
        assert_eq!(Bits::new(&[]).below(0), None);
    }
}

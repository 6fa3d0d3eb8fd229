//! Phases of the grid, and how a charger is wired to them.

/// A set of the grid's phases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Phases(u8);

impl Phases {
    pub const ALL: Self = Self(0b111);
    pub const L1: Self = Self(0b001);
    pub const L2: Self = Self(0b010);
    pub const L3: Self = Self(0b100);

    /// From phase numbers 1 to 3; `None` for an empty list, another number or a repeated one.
    pub fn from_numbers(numbers: &[u8]) -> Option<Self> {
        let mut set = 0;
        for &number in numbers {
            if !(1..=3).contains(&number) || set & (1 << (number - 1)) != 0 {
                return None;
            }
            set |= 1 << (number - 1);
        }
        (set != 0).then_some(Self(set))
    }

    /// The first `count` phases of a charger: 1, 2 or 3.
    pub fn first(count: u8) -> Option<Self> {
        (1..=3).contains(&count).then(|| Self((1 << count) - 1))
    }

    pub fn count(self) -> u32 {
        self.0.count_ones()
    }

    /// Indices 0 to 2 of the phases in the set.
    pub fn indices(self) -> impl Iterator<Item = usize> {
        (0..3).filter(move |index| self.0 & (1 << index) != 0)
    }

    /// The grid's phases behind these phases of a charger.
    pub fn through(self, rotation: Rotation) -> Self {
        let wiring = rotation.wiring();
        Self(self.indices().fold(0, |set, index| set | (1 << wiring[index])))
    }
}

/// How a charger's L1, L2 and L3 are wired to the grid's phases R, S and T (OCPP 1.6,
/// `ConnectorPhaseRotation`). Installers rotate single-phase chargers to spread their load.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Rotation {
    #[default]
    Rst,
    Rts,
    Srt,
    Str,
    Trs,
    Tsr,
}

impl Rotation {
    /// The name as OCPP writes it; `None` for others, `NotApplicable` and `Unknown` among them.
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "RST" => Self::Rst,
            "RTS" => Self::Rts,
            "SRT" => Self::Srt,
            "STR" => Self::Str,
            "TRS" => Self::Trs,
            "TSR" => Self::Tsr,
            _ => return None,
        })
    }

    const fn wiring(self) -> [u8; 3] {
        match self {
            Self::Rst => [0, 1, 2],
            Self::Rts => [0, 2, 1],
            Self::Srt => [1, 0, 2],
            Self::Str => [1, 2, 0],
            Self::Trs => [2, 0, 1],
            Self::Tsr => [2, 1, 0],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rotated_single_phase_charger_loads_another_phase() {
        let rotation = Rotation::from_name("STR").unwrap();
        assert_eq!(Phases::L1.through(rotation), Phases::L2);
        assert_eq!(Phases::ALL.through(rotation), Phases::ALL);
        assert_eq!(Phases::first(2).unwrap().through(Rotation::Trs), Phases::from_numbers(&[3, 1]).unwrap());
    }

    #[test]
    fn absurd_phase_lists_are_refused() {
        for absurd in [&[][..], &[0], &[4], &[1, 1]] {
            assert_eq!(Phases::from_numbers(absurd), None);
        }
    }
}

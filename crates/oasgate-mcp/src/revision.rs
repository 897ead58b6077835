//! The revisions of the protocol and the two eras they fall into. Knows dates and what each revision allows;
//! nothing about messages.

use std::fmt;

/// How a revision carries version, identity and capabilities
/// (2026-07-28, basic/versioning.mdx, "Terminology").
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Era {
    /// Established by an `initialize` handshake: 2025-11-25 and earlier.
    Legacy,
    /// Stated in the `_meta` of every request: 2026-07-28 and later.
    Modern,
}

/// A dated revision of the Model Context Protocol; a later one compares as greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Revision {
    /// 2024-11-05
    V2024_11_05,
    /// 2025-03-26
    V2025_03_26,
    /// 2025-06-18
    V2025_06_18,
    /// 2025-11-25
    V2025_11_25,
    /// 2026-07-28
    V2026_07_28,
}

impl Revision {
    /// Every supported revision, the newest first: the order in which they are offered.
    pub const ALL: [Self; 5] =
        [Self::V2026_07_28, Self::V2025_11_25, Self::V2025_06_18, Self::V2025_03_26, Self::V2024_11_05];

    /// What `initialize` is answered with when the client asks for a revision that isn't a supported legacy one.
    pub const NEWEST_LEGACY: Self = Self::V2025_11_25;

    /// What a legacy HTTP request without an `MCP-Protocol-Version` header speaks
    /// (2025-11-25, basic/transports.mdx, "Protocol Version Header").
    pub const ASSUMED_OVER_HTTP: Self = Self::V2025_03_26;

    /// The revision with that date, if it is supported.
    #[must_use]
    pub fn parse(date: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|revision| revision.as_str() == date)
    }

    /// The date that names the revision on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V2024_11_05 => "2024-11-05",
            Self::V2025_03_26 => "2025-03-26",
            Self::V2025_06_18 => "2025-06-18",
            Self::V2025_11_25 => "2025-11-25",
            Self::V2026_07_28 => "2026-07-28",
        }
    }

    /// The era the revision belongs to.
    #[must_use]
    pub const fn era(self) -> Era {
        match self {
            Self::V2026_07_28 => Era::Modern,
            Self::V2024_11_05 | Self::V2025_03_26 | Self::V2025_06_18 | Self::V2025_11_25 => Era::Legacy,
        }
    }

    /// Whether a message may be a JSON-RPC batch: added in 2025-03-26, removed again in 2025-06-18.
    #[must_use]
    pub(crate) const fn has_batches(self) -> bool {
        matches!(self, Self::V2025_03_26)
    }

    /// Whether a result may hold audio (2025-03-26, changelog).
    #[must_use]
    pub(crate) fn has_audio(self) -> bool {
        self >= Self::V2025_03_26
    }

    /// Whether a result may hold resource links (2025-06-18, changelog).
    #[must_use]
    pub(crate) fn has_resource_links(self) -> bool {
        self >= Self::V2025_06_18
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

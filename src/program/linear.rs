//! Linear blocks found in the graph. Here: transit chains with equal rates (Erlang), propagated exactly.

/// A chain a₀ → a₁ → … → aₙ with one rate k that is constant between events: a₀' = −k a₀, aᵢ' = k (aᵢ₋₁ − aᵢ).
#[derive(Debug, Clone, PartialEq)]
pub struct TransitChain {
    /// State indices in the order of flow.
    pub states: Vec<usize>,
    /// States outside the chain whose rate has an additive term c·aₙ with c constant between events. What such a state
    /// receives from the chain is c/k × (what has left the chain), in closed form.
    pub fed: Vec<usize>,
}

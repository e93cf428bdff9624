//! Negotiation: pure functions from capabilities and parameters to parameters, exactly as mediasoup 3.27.

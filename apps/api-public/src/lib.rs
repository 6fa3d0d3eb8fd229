//! api-public.

namespace PgVectorCompat.Storage;

/// <summary>Where a checkpoint file has the image of a chunk; default when no checkpoint has it yet.</summary>
readonly record struct ChunkLocation(long File, long Offset, int Length);

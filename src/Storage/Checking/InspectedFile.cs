namespace PgVectorCompat.Storage;

/// <summary>What one file of a data directory says of itself.</summary>
/// <param name="Name">Name in the directory, with its folder.</param>
/// <param name="Kind">Its kind in words; "unknown" for a file that is none of ours.</param>
/// <param name="Version">Format version of its kind; 0 when unknown.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Fields">Names and values, in order.</param>
/// <param name="Problems">What is wrong with it.</param>
public sealed record InspectedFile(
    string Name, string Kind, int Version, long Length, IReadOnlyList<KeyValuePair<string, object>> Fields, IReadOnlyList<string> Problems);

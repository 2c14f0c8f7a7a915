using PgVectorCompat.Types;

namespace PgVectorCompat.Server.Connections;

/// <summary>
/// Strings for the names of statements and portals. A client uses few and uses them again with every message, so a message
/// makes no string.
/// </summary>
sealed class NameCache
{
    const int Slots = 64;
    const int MaxLength = 128;

    readonly (byte[] Utf8, string Text)[] _slots = new (byte[], string)[Slots];

    /// <summary>The name for these bytes. Raises 22021 when they are not UTF-8.</summary>
    public string Get(ReadOnlySpan<byte> utf8)
    {
        if (utf8.IsEmpty)
            return "";
        if (utf8.Length > MaxLength)
            return Utf8Text.Decode(utf8);

        // Names that a driver makes differ in their last bytes.
        ref var slot = ref _slots[(utf8.Length * 31 + utf8[^1] + utf8[utf8.Length / 2] * 7) % Slots];
        if (slot.Utf8 is null || !utf8.SequenceEqual(slot.Utf8))
            slot = (utf8.ToArray(), Utf8Text.Decode(utf8));
        return slot.Text;
    }
}

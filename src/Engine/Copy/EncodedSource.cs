using System.Text;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Copy;

/// <summary>The bytes of a COPY's source as UTF-8: a character may begin in one piece and end in the next.</summary>
internal sealed class EncodedSource(CopySource source, ClientEncoding encoding)
{
    const int PieceBytes = 16 * 1024;

    readonly byte[] _piece = new byte[PieceBytes];
    readonly char[] _text = new char[PieceBytes];
    readonly Decoder _decoder = encoding.NewDecoder();
    readonly ByteWriter _utf8 = new(3 * PieceBytes);
    int _given;
    bool _isDone;

    /// <summary>As <see cref="CopySource"/> says. Raises 22021 and 22P05 for what is no text in the encoding.</summary>
    public int Read(Span<byte> buffer)
    {
        while (_given == _utf8.Length && !_isDone)
            Fill();
        var rest = _utf8.Written[_given..];
        var count = Math.Min(rest.Length, buffer.Length);
        rest[..count].CopyTo(buffer);
        _given += count;
        return count;
    }

    void Fill()
    {
        (_given, var read) = (0, source(_piece));
        _utf8.Clear();
        _isDone = read == 0;
        try
        {
            var characters = _decoder.GetChars(_piece.AsSpan(0, read), _text, flush: _isDone);
            _utf8.WriteText(_text.AsSpan(0, characters));
        }
        catch (DecoderFallbackException e)
        {
            throw encoding.Unknown(e);
        }
    }
}

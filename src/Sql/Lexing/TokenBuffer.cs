using System.Buffers;

namespace PgVectorCompat.Sql;

/// <summary>A growing list of tokens in pooled memory: a large INSERT has hundreds of thousands.</summary>
sealed class TokenBuffer(int expected) : IDisposable
{
    Token[] _tokens = ArrayPool<Token>.Shared.Rent(expected);

    public int Count { get; private set; }

    public ref readonly Token this[int index] => ref _tokens[index];

    public void Add(in Token token)
    {
        if (Count == _tokens.Length)
        {
            var larger = ArrayPool<Token>.Shared.Rent(_tokens.Length * 2);
            _tokens.AsSpan(0, Count).CopyTo(larger);
            Return();
            _tokens = larger;
        }
        _tokens[Count++] = token;
    }

    public void Dispose()
    {
        Return();
        _tokens = [];
        Count = 0;
    }

    // Only what was written is cleared: pooled arrays hold no references.
    void Return()
    {
        _tokens.AsSpan(0, Count).Clear();
        ArrayPool<Token>.Shared.Return(_tokens);
    }
}

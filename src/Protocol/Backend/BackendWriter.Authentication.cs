namespace PgVectorCompat.Protocol;

/// <summary>The forms of the authentication request.</summary>
public sealed partial class BackendWriter
{
    const int Ok = 0, CleartextPassword = 3, Sasl = 10, SaslContinue = 11, SaslFinal = 12;

    public void AuthenticationOk() => Authentication(Ok, []);
    public void AuthenticationCleartextPassword() => Authentication(CleartextPassword, []);
    public void AuthenticationSaslContinue(ReadOnlySpan<byte> data) => Authentication(SaslContinue, data);
    public void AuthenticationSaslFinal(ReadOnlySpan<byte> data) => Authentication(SaslFinal, data);

    /// <param name="mechanisms">Names, the preferred one first.</param>
    public void AuthenticationSasl(ReadOnlySpan<string> mechanisms)
    {
        var at = Begin('R');
        _output.WriteInt32(Sasl);
        foreach (var mechanism in mechanisms)
            _output.WriteCString(mechanism);
        _output.WriteByte(0);
        End(at);
    }

    void Authentication(int kind, ReadOnlySpan<byte> data)
    {
        var at = Begin('R');
        _output.WriteInt32(kind);
        _output.WriteBytes(data);
        End(at);
    }
}

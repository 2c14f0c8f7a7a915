using PgVectorCompat.Types;

namespace PgVectorCompat.Protocol;

/// <summary>ErrorResponse and NoticeResponse: fields, each a letter and a text, closed by a zero byte.</summary>
public sealed partial class BackendWriter
{
    public void ErrorResponse(PgError error)
    {
        var at = Begin('E');
        Severity(error.Severity);
        Field('C', error.SqlState);
        Field('M', error.Message);
        Field('D', error.Detail);
        Field('H', error.Hint);
        if (error.Position > 0)
        {
            _output.WriteByte((byte)'P');
            _output.WriteFormatted(error.Position);
            _output.WriteByte(0);
        }
        Field('W', error.Where);
        Field('s', error.Schema);
        Field('t', error.Table);
        Field('c', error.Column);
        Field('d', error.DataType);
        Field('n', error.Constraint);
        Field('R', error.Routine);
        _output.WriteByte(0);
        End(at);
    }

    /// <param name="severity">NOTICE, WARNING, INFO, LOG or DEBUG.</param>
    public void NoticeResponse(string severity, string sqlState, string message, string? detail, string? hint, string? where)
    {
        var at = Begin('N');
        Severity(severity);
        Field('C', sqlState);
        Field('M', message);
        Field('D', detail);
        Field('H', hint);
        Field('W', where);
        _output.WriteByte(0);
        End(at);
    }

    /// <summary>S may be translated for people, V never is; here they are the same.</summary>
    void Severity(string severity)
    {
        Field('S', severity);
        Field('V', severity);
    }

    void Field(char letter, string? value)
    {
        if (value is null)
            return;
        _output.WriteByte((byte)letter);
        CString(value);
    }
}

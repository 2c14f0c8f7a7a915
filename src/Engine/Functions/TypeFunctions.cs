using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Functions;

/// <summary>Functions about values of any type.</summary>
static class TypeFunctions
{
    public static readonly FunctionTable Table = new(
    [
        Define.Function("pg_typeof", PgTypes.RegType, [PgTypes.Any], (_, site, _) => Datum.Of((long)site.ArgumentTypes[0].Oid)) with { IsStrict = false, Volatility = Volatility.Stable },
    ]);
}

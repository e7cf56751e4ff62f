using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace RealTimeMesh.DuckDb.Jobs;

/// <summary>A number that differs when a query's text differs.</summary>
internal static class SqlFingerprint
{
    public static long Of(string sql) =>
        // Positive, so that readers that take versions for counters are not surprised by a negative one.
        BinaryPrimitives.ReadInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(sql))) & long.MaxValue;
}

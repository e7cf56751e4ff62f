using RealTimeMesh.DeltaLake;
using RealTimeMesh.DeltaLake.Expressions;
using RealTimeMesh.DuckDb.Writes;

namespace RealTimeMesh.DuckDb.Jobs;

/// <summary>Leaves out target files whose statistics say that none of the keys can be in them.</summary>
internal static class KeyPruning
{
    /// <summary>Files that may hold one of the keys in <paramref name="keyTable"/>.</summary>
    public static async Task<IReadOnlyList<AddFile>> CandidatesAsync(DuckDbSession session, string keyTable, Snapshot target, IReadOnlyList<string> keys, CancellationToken cancellationToken)
    {
        DeltaExpression? where = null;
        foreach (var key in keys)
        {
            var field = target.Schema.Find(key)!;
            var name = SqlText.Identifier(key);
            // Null is a key like any other here: where there is one, a range does not tell of all keys.
            if (!KeyRanges.Has(field.Type) || await session.CountAsync($"SELECT count(*) FROM {keyTable} WHERE {name} IS NULL", cancellationToken) > 0)
                continue;
            var ranges = await KeyRanges.FindAsync(session, target.Files.Count, field.Type, name, keyTable, cancellationToken);
            if (ranges.Count > 0)
                where = KeyRanges.And(where, KeyRanges.Within(new ColumnReference([field.Name]) { Path = [field], Type = field.Type }, ranges));
        }

        return Candidates.Of(target, where);
    }
}

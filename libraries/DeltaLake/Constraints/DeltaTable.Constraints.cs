using RealTimeMesh.DeltaLake.Expressions;

namespace RealTimeMesh.DeltaLake;

public sealed partial class DeltaTable
{
    /// <summary>
    /// Adds a CHECK constraint in Spark SQL after checking the rows that are there: throws where one does not satisfy it, and a
    /// concurrent append is a conflict. Needs <see cref="DeltaTableOptions.Engine"/> where the table has rows.
    /// </summary>
    public async Task<CommitResult> AddConstraintAsync(string name, string sql, CancellationToken cancellationToken)
    {
        var snapshot = await RequireSnapshotAsync((long?)null, cancellationToken);
        if (snapshot.Configuration.Keys.Any(key => string.Equals(key, TableProperties.ConstraintPrefix + name, StringComparison.OrdinalIgnoreCase)))
            throw new DeltaException(Path, $"constraint '{name}' is there already; expected a new name; drop it first.");
        var check = DeltaExpression.Parse(sql).ResolvePredicate(snapshot.Schema, _time.GetUtcNow());
        var broken = new UnaryOperation(UnaryOperator.Not, new BinaryOperation(BinaryOperator.NullSafeEqual, check, Literal.True)).ResolvePredicate(snapshot.Schema, _time.GetUtcNow());
        IReadOnlyList<AddFile> suspects = [.. snapshot.Files.Where(file => FilePruning.Match(snapshot, check, file) != FileMatch.EveryRow)];
        if (suspects.Count > 0)
        {
            await foreach (var batch in RequireEngine().ScanAsync(new ScanRequest(snapshot) { Predicate = broken, Files = suspects, Limit = 1 }, cancellationToken))
            {
                using (batch)
                {
                    if (batch.Length > 0)
                        throw new DeltaException(Path, $"constraint {name} ({sql}) cannot be added: a row of the table violates it; expected it to be true for every row; find such rows with the predicate {broken}.");
                }
            }
        }

        return await BeginTransaction(snapshot).SetConstraint(name.ToLowerInvariant(), sql)
            .CommitAsync("ADD CONSTRAINT", new Dictionary<string, string> { ["name"] = name, ["expr"] = sql }, cancellationToken);
    }

    /// <summary>Removes a CHECK constraint.</summary>
    public async Task<CommitResult> DropConstraintAsync(string name, CancellationToken cancellationToken)
    {
        var snapshot = await RequireSnapshotAsync((long?)null, cancellationToken);
        var key = snapshot.Configuration.Keys.FirstOrDefault(key => string.Equals(key, TableProperties.ConstraintPrefix + name, StringComparison.OrdinalIgnoreCase))
            ?? throw new DeltaException(Path, $"constraint '{name}' is not there; expected one of {string.Join(", ", snapshot.Configuration.Keys.Where(item => item.StartsWith(TableProperties.ConstraintPrefix, StringComparison.OrdinalIgnoreCase)).Select(item => item[TableProperties.ConstraintPrefix.Length..]))}.");
        return await BeginTransaction(snapshot).UnsetProperties([key]).CommitAsync("DROP CONSTRAINT", new Dictionary<string, string> { ["name"] = name }, cancellationToken);
    }
}

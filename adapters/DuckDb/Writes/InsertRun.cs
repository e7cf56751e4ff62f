using RealTimeMesh.DeltaLake;

namespace RealTimeMesh.DuckDb.Writes;

/// <summary>Appends and overwrites: the source's rows as files, and where asked for the deletion of rows they replace.</summary>
internal sealed class InsertRun(DuckDbSession session, DataFiles data, InsertRows operation, SourceRows source)
{
    public async Task<FileChanges> RunAsync(CancellationToken cancellationToken)
    {
        var sql = new RowSql("source");
        var columns = operation.Columns.Select(item => $"{sql.Value(item)} AS {SqlText.Identifier(item.Column.Name)}");
        var query = $"SELECT {string.Join(", ", columns)} FROM {source.Relation} s";
        if (operation.Required is { } required)
            query = RowChecks.Require(query, new RowSql(null).Render(required), $"a new row does not satisfy replaceWhere {required}; expected only rows that do: others would not replace what they should.");
        ChangeOutcome outcome;
        var isNumbered = operation.Columns.Any(item => item.Numbers is not null);
        long numbered = 0;
        if (operation.Replaced is { } replaced)
        {
            if (isNumbered)
                (query, numbered) = await NumberedRows.StageAsync(session, query, cancellationToken);
            outcome = await new ChangeRun(session, data, operation, replaced, new RowChange(1, null)).ChangeAsync(cancellationToken, query);
        }
        else
        {
            var added = await data.WriteAsync(operation.Target, RowChecks.Apply(operation.Target, query), operation.TargetFileBytes, cancellationToken);
            outcome = new ChangeOutcome(added, [], added.Sum(file => file.NumRecords), 0);
            numbered = isNumbered ? outcome.New : 0;
        }

        return new FileChanges
        {
            Added = outcome.Added,
            Removed = outcome.Removed,
            KeepsRowIds = true,
            NumberedRows = numbered,
            Changes = outcome.Changes,
            Read = outcome.Read,
            MayMatch = Candidates.MayMatch(operation.Target, operation.Replaced),
            ReadsNothing = operation.Replaced is null,
            Metrics = new Dictionary<string, long>
            {
                ["numFiles"] = outcome.Added.Count,
                ["numOutputRows"] = outcome.New,
                ["numOutputBytes"] = outcome.Added.Sum(file => file.Size),
            },
        };
    }
}

using RealTimeMesh.Contracts;

namespace RealTimeMesh.Pipelines;

/// <summary>An engine that tells what columns a query would give, without running it.</summary>
public interface IQueryColumns
{
    /// <summary>The columns, or the reason why the engine refuses the query.</summary>
    /// <param name="sql">The query.</param>
    /// <param name="tables">What it may read, by name.</param>
    /// <param name="references">CSV files it may read, by name.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<(RowSchema? Columns, string? Error)> DescribeAsync(string sql, IReadOnlyDictionary<string, RowSchema> tables, IReadOnlyList<ReferenceDefinition> references, CancellationToken cancellationToken);
}

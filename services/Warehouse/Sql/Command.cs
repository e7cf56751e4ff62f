namespace RealTimeMesh.Warehouse.Sql;

/// <summary>A statement, understood as far as running it here needs.</summary>
internal abstract record Command
{
    /// <summary>Runs on DuckDB and gives rows.</summary>
    public sealed record Query(string Sql) : Command;

    /// <summary>Changes rows; <paramref name="Kind"/> is INSERT, UPDATE, DELETE or MERGE.</summary>
    public sealed record Change(string Kind, string Sql) : Command;

    /// <summary>Defines something and answers with a status line.</summary>
    public sealed record Define(string Sql, string Status) : Command;

    /// <summary>BEGIN, COMMIT or ROLLBACK.</summary>
    public sealed record Transaction(string Verb) : Command;

    public sealed record CreateStage(string Name, string Url, bool Replace, bool IfNotExists) : Command;

    public sealed record DropStage(string Name) : Command;

    /// <param name="Stage">Stage name, upper case, and the path below it.</param>
    public sealed record CopyInto(string TableSql, string Table, string Stage, IReadOnlyList<string> Files) : Command;

    /// <summary>Whether it waits for its turn among the writers.</summary>
    public bool Writes => this is not Query;
}

namespace RealTimeMesh.ChangeCapture;

/// <summary>Names of contract fields that tell of the change rather than of the row.</summary>
public static class ChangeFields
{
    /// <summary><c>c</c> inserted, <c>u</c> updated, <c>d</c> deleted, <c>r</c> read at first, <c>t</c> table emptied.</summary>
    public const string Operation = "_op";

    /// <summary>The table with its schema.</summary>
    public const string Table = "_table";

    /// <summary>Place of the transaction's commit in the log: orders transactions.</summary>
    public const string Lsn = "_lsn";

    /// <summary>Place of the change within its transaction, from 0; -1 of rows read at first, -2 of a table that is read again.</summary>
    public const string Index = "_index";

    /// <summary>The database's number of the transaction; 0 of rows read at first.</summary>
    public const string Transaction = "_txid";

    /// <summary>When the transaction was committed, or the row was read at first.</summary>
    public const string CommittedAt = "_committed_at";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [Operation, Table, Lsn, Index, Transaction, CommittedAt];

    /// <summary>The letter of an operation.</summary>
    public static string Letter(ChangeOperation operation) => operation switch
    {
        ChangeOperation.Read => "r",
        ChangeOperation.Create => "c",
        ChangeOperation.Update => "u",
        ChangeOperation.Delete => "d",
        ChangeOperation.Truncate => "t",
        _ => "",
    };
}

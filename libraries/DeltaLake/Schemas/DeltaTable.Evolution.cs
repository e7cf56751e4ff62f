namespace RealTimeMesh.DeltaLake;

public sealed partial class DeltaTable
{
    /// <summary>
    /// The snapshot as it will be once a transaction has set another schema (<see cref="SchemaEvolution"/>): rows may be written by it, and
    /// their files added to that transaction, so that the columns come with the first rows that need them. New columns have their physical names
    /// already, so the transaction must set the schema of the result.
    /// </summary>
    public Snapshot Evolve(Snapshot snapshot, StructType schema) =>
        snapshot.WithSchema(SchemaPlan.Mapped(_options, snapshot.Configuration, schema), snapshot.PartitionColumns);
}

using Microsoft.Extensions.Logging;
using RealTimeMesh.Components;

namespace RealTimeMesh.Sqlite;

/// <summary><c>state.sqlite</c>: values in a table of a SQLite database, with the schema of daprd's component, so that both can use one file.</summary>
public sealed class SqliteStateType : IComponentType
{
    public string Name => "state.sqlite";

    public IReadOnlyList<ComponentSetting> Settings => SqliteStateOptions.Settings;

    public async Task<IAsyncDisposable> StartAsync(ComponentSpec spec, ComponentContext context, CancellationToken cancellationToken)
    {
        var options = SqliteStateOptions.From(spec, context.DataPath);
        return await SqliteStateStore.OpenAsync(options, context.Time, context.Logs.CreateLogger<SqliteStateType>(), cancellationToken);
    }
}

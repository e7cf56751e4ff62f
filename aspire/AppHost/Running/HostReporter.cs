using Spectre.Console;

namespace RealTimeMesh.AppHost.Running;

/// <summary>What the host says to the person at the terminal.</summary>
internal sealed class HostReporter(IAnsiConsole console)
{
    public void Line(string text) => console.WriteLine(text);

    public void Notice(string text) => console.MarkupLine($"[yellow]notice[/] {Markup.Escape(text)}");

    public void Error(string text) => console.MarkupLine($"[red]error[/] {Markup.Escape(text)}");

    public void Apps(MeshPlan plan)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("app", "address", "sidecar HTTP", "sidecar gRPC", "state");
        foreach (var app in plan.Apps)
            table.AddRow(app.App.AppId, app.Url.ToString(), app.DaprHttpPort.ToString(), app.DaprGrpcPort.ToString(), app.InProcess is null ? "child process" : "ready");
        table.AddRow("schema-registry", plan.RegistryUrl.ToString(), "", "", "stand-in");
        table.AddRow("warehouse", plan.WarehouseUrl.ToString(), "", "", "stand-in");
        if (plan.TopicsUrl is { } topics)
            table.AddRow("topics", topics.ToString(), "", "", "administration");
        if (plan.DeadLettersUrl is { } letters)
            table.AddRow("dead letters", letters.ToString(), "", "", "administration");
        if (plan.RedisPort != 0)
            table.AddRow("redis", $"127.0.0.1:{plan.RedisPort}", "", "", "stand-in");
        console.Write(table);
    }

    public void Table(string title, IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<string>> rows)
    {
        var table = new Table().Border(TableBorder.Simple).Title(Markup.Escape(title));
        foreach (var column in columns)
            table.AddColumn(Markup.Escape(column));
        foreach (var row in rows)
            table.AddRow([.. row.Select(Markup.Escape)]);
        console.Write(table);
    }
}
